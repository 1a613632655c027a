#include "learn/segmentation.hpp"

#include <string>

namespace assay::learn {

ConvBlockImpl::ConvBlockImpl(std::int64_t in, std::int64_t out, std::int64_t n, std::int64_t dilation) {
  for (std::int64_t i = 0; i < n; ++i) {
    const auto number = std::to_string(i + 1);
    convs_.push_back(register_module("conv" + number, Conv(i == 0 ? in : out, out, 3, 1, dilation, dilation)));
    norms_.push_back(register_module("norm" + number, torch::nn::BatchNorm2d(out)));
  }
}

std::vector<torch::Tensor> ConvBlockImpl::each(const torch::Tensor& x) {
  std::vector<torch::Tensor> outputs;
  for (std::size_t i = 0; i < convs_.size(); ++i) {
    outputs.push_back(norms_[i](convs_[i](i == 0 ? x : outputs.back())).relu());
  }
  return outputs;
}

torch::Tensor up(const torch::Tensor& a, const torch::Tensor& like) {
  if (a.size(2) == like.size(2) && a.size(3) == like.size(3)) return a;
  if (a.is_cuda()) return up_by_products(a, like);
  return torch::upsample_bilinear2d(a, {{like.size(2), like.size(3)}}, /*align_corners=*/false);
}

torch::Tensor up_by_products(const torch::Tensor& a, const torch::Tensor& like) {
  const auto weights = [&a](std::int64_t in, std::int64_t out) {  // [in, out]: how the unit vectors are interpolated
    return torch::upsample_linear1d(torch::eye(in).unsqueeze(0), {{out}}, /*align_corners=*/false)[0].to(a.device());
  };
  const auto tall = weights(a.size(2), like.size(2)).t().matmul(a);
  return tall.matmul(weights(a.size(3), like.size(3)));
}

torch::Tensor halved(const torch::Tensor& x) { return torch::max_pool2d(x, 2); }

FusionImpl::FusionImpl(std::int64_t maps)
    : weight_(register_parameter("weight", torch::full({1, maps, 1, 1}, 1.0 / static_cast<double>(maps)))),
      bias_(register_parameter("bias", torch::zeros({1}))) {}

torch::Tensor FusionImpl::forward(const std::vector<torch::Tensor>& maps) {
  return torch::conv2d(torch::cat(maps, 1), weight_, bias_);
}

StagesImpl::StagesImpl(const std::vector<std::int64_t>& widths, std::int64_t convs, std::int64_t coarsest) {
  std::int64_t stride = 1, dilation = 1;
  for (std::size_t k = 0; k < widths.size(); ++k) {
    halving_.push_back(k > 0 && (coarsest == 0 || 2 * stride <= coarsest));
    if (halving_.back()) {
      stride *= 2;
    } else if (k > 0) {
      dilation *= 2;
    }
    const auto in = k == 0 ? 1 : widths[k - 1];
    blocks_.push_back(register_module("stage" + std::to_string(k + 1), ConvBlock(in, widths[k], convs, dilation)));
  }
}

std::vector<std::vector<torch::Tensor>> StagesImpl::forward(const torch::Tensor& x) {
  std::vector<std::vector<torch::Tensor>> outputs;
  for (std::size_t k = 0; k < blocks_.size(); ++k) {
    const auto in = k == 0 ? x : torch::max_pool2d(outputs.back().back(), 2, halving_[k] ? 2 : 1);
    outputs.push_back(blocks_[k]->each(in));
  }
  return outputs;
}

SideNetImpl::SideNetImpl(const std::vector<std::int64_t>& widths, std::int64_t convs)
    : stages_(register_module("stages", Stages(widths, convs))),
      fusion_(register_module("fusion", Fusion(static_cast<std::int64_t>(widths.size())))) {
  for (std::size_t k = 0; k < widths.size(); ++k) {
    sides_.push_back(register_module("side" + std::to_string(k + 1), Pointwise(widths[k], 1, kRareLogit)));
  }
}

std::vector<torch::Tensor> SideNetImpl::forward(const torch::Tensor& x) {
  const auto stages = stages_(x);
  std::vector<torch::Tensor> maps;
  for (std::size_t k = 0; k < stages.size(); ++k) maps.push_back(up(sides_[k](stages[k].back()), x));
  maps.push_back(fusion_(maps));
  return maps;
}

torch::Tensor unpooled(const torch::Tensor& values, const torch::Tensor& indices, const torch::Tensor& like) {
  const auto height = like.size(2), width = like.size(3);
  const auto empty = torch::zeros({values.size(0), values.size(1), height * width}, values.options());
  return empty.scatter(2, indices.flatten(2), values.flatten(2)).view({values.size(0), values.size(1), height, width});
}

SegTrunkImpl::SegTrunkImpl(const std::vector<std::int64_t>& widths) {
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const auto number = std::to_string(k + 1);
    const auto in = k == 0 ? 1 : widths[k - 1];
    encoder_.push_back(register_module("encoder" + number, ConvBlock(in, widths[k])));
    decoder_.push_back(register_module("decoder" + number, ConvBlock(widths[k], decoder_width(widths, k))));
  }
}

SegTrunkImpl::Scales SegTrunkImpl::forward(const torch::Tensor& x) {
  Scales scales;
  std::vector<torch::Tensor> indices;
  auto h = x;
  for (auto& block : encoder_) {
    scales.encoder.push_back(block(h));
    auto [pooled, index] = torch::max_pool2d_with_indices(scales.encoder.back(), 2);
    indices.push_back(index);
    h = pooled;
  }
  scales.decoder.resize(decoder_.size());
  for (auto k = decoder_.size(); k-- > 0;) {
    h = scales.decoder[k] = decoder_[k](unpooled(h, indices[k], scales.encoder[k]));
  }
  return scales;
}

UNetImpl::UNetImpl(const std::vector<std::int64_t>& widths, bool auxiliary) {
  const auto stages = widths.size();
  for (std::size_t k = 0; k < stages; ++k) {
    const auto in = k == 0 ? 1 : widths[k - 1];
    encoder_.push_back(register_module("encoder" + std::to_string(k + 1), ConvBlock(in, widths[k])));
  }
  for (std::size_t k = 0; k + 1 < stages; ++k) {
    const auto name = "decoder" + std::to_string(k + 1);
    decoder_.push_back(register_module(name, ConvBlock(widths[k + 1] + widths[k], widths[k])));
  }
  head_ = register_module("head", Pointwise(widths[0], 1, kRareLogit));
  if (auxiliary) auxiliary_ = register_module("auxiliary", Pointwise(widths[stages - 2], 1, kRareLogit));
}

std::vector<torch::Tensor> UNetImpl::forward(const torch::Tensor& x) {
  std::vector<torch::Tensor> stages, logits;
  for (auto& block : encoder_) stages.push_back(block(stages.empty() ? x : halved(stages.back())));
  if (auxiliary_) logits.push_back(up(auxiliary_(stages[stages.size() - 2]), x));
  auto h = stages.back();
  for (auto k = decoder_.size(); k-- > 0;) h = decoder_[k](torch::cat({up(h, stages[k]), stages[k]}, 1));
  logits.push_back(head_(h));
  return logits;
}

}  // namespace assay::learn
