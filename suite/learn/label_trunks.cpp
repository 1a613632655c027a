#include "learn/label_trunks.hpp"

#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "core/errors.hpp"

namespace assay::learn {

namespace {

// Convolutions in a row, each with batch norm and ReLU.
class Plain final : public Trunk {
 public:
  struct Layer {
    std::int64_t channels, kernel, stride;
  };

  Plain(std::int64_t in, const std::vector<Layer>& layers, std::size_t mid)
      : Trunk(layers.at(mid).channels, layers.back().channels), mid_(mid) {
    for (const auto& layer : layers) {
      const auto number = std::to_string(convs_.size() + 1);
      convs_.push_back(register_module("conv" + number, Conv(in, layer.channels, layer.kernel, layer.stride, 1)));
      norms_.push_back(register_module("norm" + number, torch::nn::BatchNorm2d(layer.channels)));
      in = layer.channels;
    }
  }

  Maps forward(const torch::Tensor& x) override {
    Maps maps;
    auto h = x;
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      h = norms_[i](convs_[i](h)).relu_();
      if (i == mid_) maps.mid = h;
    }
    maps.last = h;
    return maps;
  }

 private:
  std::size_t mid_;
  std::vector<Conv> convs_;
  std::vector<torch::nn::BatchNorm2d> norms_;
};

torch::nn::Sequential downsample(std::int64_t in, std::int64_t out, std::int64_t stride) {
  return torch::nn::Sequential(Conv(in, out, 1, stride, 0), torch::nn::BatchNorm2d(out));
}

// Residual blocks under torchvision's names. As there, a bottleneck's stride is that of its 3x3 convolution.
class BasicBlockImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kExpansion = 1;
  BasicBlockImpl(std::int64_t in, std::int64_t width, std::int64_t stride)
      : conv1_(register_module("conv1", Conv(in, width, 3, stride, 1))),
        conv2_(register_module("conv2", Conv(width, width, 3, 1, 1))),
        bn1_(register_module("bn1", torch::nn::BatchNorm2d(width))),
        bn2_(register_module("bn2", torch::nn::BatchNorm2d(width))) {
    if (stride != 1 || in != width) downsample_ = register_module("downsample", downsample(in, width, stride));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const auto h = bn2_(conv2_(bn1_(conv1_(x)).relu_()));
    return (h + (downsample_ ? downsample_->forward(x) : x)).relu_();
  }

 private:
  Conv conv1_, conv2_;
  torch::nn::BatchNorm2d bn1_, bn2_;
  torch::nn::Sequential downsample_{nullptr};
};
TORCH_MODULE(BasicBlock);

class BottleneckImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kExpansion = 4;
  BottleneckImpl(std::int64_t in, std::int64_t width, std::int64_t stride)
      : conv1_(register_module("conv1", Conv(in, width, 1, 1, 0))),
        conv2_(register_module("conv2", Conv(width, width, 3, stride, 1))),
        conv3_(register_module("conv3", Conv(width, kExpansion * width, 1, 1, 0))),
        bn1_(register_module("bn1", torch::nn::BatchNorm2d(width))),
        bn2_(register_module("bn2", torch::nn::BatchNorm2d(width))),
        bn3_(register_module("bn3", torch::nn::BatchNorm2d(kExpansion * width))) {
    if (stride == 1 && in == kExpansion * width) return;
    downsample_ = register_module("downsample", downsample(in, kExpansion * width, stride));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    auto h = bn1_(conv1_(x)).relu_();
    h = bn2_(conv2_(h)).relu_();
    h = bn3_(conv3_(h));
    return (h + (downsample_ ? downsample_->forward(x) : x)).relu_();
  }

 private:
  Conv conv1_, conv2_, conv3_;
  torch::nn::BatchNorm2d bn1_, bn2_, bn3_;
  torch::nn::Sequential downsample_{nullptr};
};
TORCH_MODULE(Bottleneck);

template <typename Block>
class ResNet final : public Trunk {
 public:
  ResNet(std::int64_t channels, const std::array<std::int64_t, 4>& blocks)
      : Trunk(kExpansion * 256, kExpansion * 512),
        conv1_(register_module("conv1", Conv(channels, 64, 7, 2, 3))),
        bn1_(register_module("bn1", torch::nn::BatchNorm2d(64))) {
    std::int64_t in = 64;
    for (std::size_t stage = 0; stage < blocks.size(); ++stage) {
      const std::int64_t width = 64LL << stage;
      torch::nn::Sequential layer;
      for (std::int64_t block = 0; block < blocks[stage]; ++block) {
        layer->push_back(Block(in, width, stage > 0 && block == 0 ? 2 : 1));
        in = kExpansion * width;
      }
      layers_.push_back(register_module("layer" + std::to_string(stage + 1), layer));
    }
  }

  Maps forward(const torch::Tensor& x) override {
    const auto stem = torch::max_pool2d(bn1_(conv1_(x)).relu_(), 3, 2, 1);
    const auto mid = layers_[2]->forward(layers_[1]->forward(layers_[0]->forward(stem)));
    return {mid, layers_[3]->forward(mid)};
  }

 private:
  static constexpr std::int64_t kExpansion = Block::ContainedType::kExpansion;
  Conv conv1_;
  torch::nn::BatchNorm2d bn1_;
  std::vector<torch::nn::Sequential> layers_;
};

}  // namespace

std::shared_ptr<Trunk> make_trunk(const std::string& id, const ImageShape& shape) {
  using Layers = std::vector<Plain::Layer>;
  const auto in = shape.channels;
  if (id == "scenes-teacher") {
    const Layers layers{{24, 6, 4}, {24, 3, 1}, {64, 3, 2}, {64, 3, 1}, {96, 3, 1}, {96, 3, 1}};
    return std::make_shared<Plain>(in, layers, 3);
  }
  if (id == "scenes-student") {
    const Layers layers{{16, 6, 4}, {16, 3, 1}, {32, 3, 2}, {32, 3, 1}};
    return std::make_shared<Plain>(in, layers, 1);
  }
  if (id == "resnet-18") return std::make_shared<ResNet<BasicBlock>>(in, std::array<std::int64_t, 4>{2, 2, 2, 2});
  if (id == "resnet-34") return std::make_shared<ResNet<BasicBlock>>(in, std::array<std::int64_t, 4>{3, 4, 6, 3});
  if (id == "resnet-50") return std::make_shared<ResNet<Bottleneck>>(in, std::array<std::int64_t, 4>{3, 4, 6, 3});
  if (id == "resnet-101") return std::make_shared<ResNet<Bottleneck>>(in, std::array<std::int64_t, 4>{3, 4, 23, 3});
  throw DeclarationError({"unknown network", "budget",
                          "scenes-teacher, scenes-student, resnet-18, resnet-34, resnet-50 or resnet-101",
                          "\"" + id + "\"", ""});
}

void initialise_trunk(Trunk& trunk, Stream& stream) {
  torch::NoGradGuard no_grad;
  for (const auto& layer : trunk.modules()) {
    if (!layer->as<ConvImpl>()) continue;
    auto weight = layer->named_parameters(/*recurse=*/false)["weight"];
    const double deviation = std::sqrt(2 / static_cast<double>(weight.numel() / weight.size(1)));
    float* value = weight.data_ptr<float>();
    for (std::int64_t i = 0; i < weight.numel(); ++i) value[i] = static_cast<float>(deviation * stream.normal());
  }
}

}  // namespace assay::learn
