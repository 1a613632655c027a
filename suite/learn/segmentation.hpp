// What networks that label pixels are made of. Maps are float [batch, channels, height, width].
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "learn/network.hpp"

namespace assay::learn {

// Where the logit of a rare class starts: a prior of 0.047. Without it the first third of a short run learns the bias.
inline constexpr double kRareLogit = -3;

// n times [3x3 convolution with padding = dilation, no bias -> batch norm -> ReLU]: "cbr(in, out, n, dilation)".
class ConvBlockImpl : public torch::nn::Module {
 public:
  ConvBlockImpl(std::int64_t in, std::int64_t out, std::int64_t n = 1, std::int64_t dilation = 1);
  torch::Tensor forward(const torch::Tensor& x) { return each(x).back(); }
  std::vector<torch::Tensor> each(const torch::Tensor& x);  // the output of every convolution, in order

 private:
  std::vector<Conv> convs_;
  std::vector<torch::nn::BatchNorm2d> norms_;
};
TORCH_MODULE(ConvBlock);

// Bilinear to the height and width of `like`, align_corners = false; `a` itself where they are equal.
torch::Tensor up(const torch::Tensor& a, const torch::Tensor& like);
// The same as two matrix products. On CUDA `up` is this, since the kernel's gradient adds up in no fixed order there
// and LibTorch refuses it where determinism is asked for.
torch::Tensor up_by_products(const torch::Tensor& a, const torch::Tensor& like);
torch::Tensor halved(const torch::Tensor& x);  // 2x2 max pool

// K maps weighted into one: 1x1 convolution that starts at 1/K each and bias 0.
class FusionImpl : public torch::nn::Module {
 public:
  explicit FusionImpl(std::int64_t maps);
  torch::Tensor forward(const std::vector<torch::Tensor>& maps);

 private:
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(Fusion);

// Stages of `convs` convolutions each at strides 1, 2, 4, ..., with 2x2 max pools between them. A stage whose stride
// would exceed `coarsest` (0: none does) is pooled with stride 1 instead, and its convolutions are dilated twice as
// much.
class StagesImpl : public torch::nn::Module {
 public:
  StagesImpl(const std::vector<std::int64_t>& widths, std::int64_t convs, std::int64_t coarsest = 0);
  std::vector<std::vector<torch::Tensor>> forward(
      const torch::Tensor& x);  // the output of every convolution of every stage

 private:
  std::vector<ConvBlock> blocks_;
  std::vector<bool> halving_;  // how stage k is pooled on its way in
};
TORCH_MODULE(Stages);

// HED's network: a logit map from the last convolution of each stage, upsampled, and all of them fused (Xie and Tu,
// ICCV 2015).
class SideNetImpl : public torch::nn::Module {
 public:
  SideNetImpl(const std::vector<std::int64_t>& widths, std::int64_t convs);
  std::vector<torch::Tensor> forward(const torch::Tensor& x);  // the sides, fine to coarse, then their fusion

 private:
  Stages stages_;
  std::vector<Pointwise> sides_;
  Fusion fusion_;
};
TORCH_MODULE(SideNet);

// The inverse of a 2x2 max pool: each value at its index within a plane of `like`'s height and width, zero elsewhere.
// Not torch::max_unpool2d, which refuses to run where determinism is asked for.
torch::Tensor unpooled(const torch::Tensor& values, const torch::Tensor& indices, const torch::Tensor& like);

// SegNet's trunk (Badrinarayanan, Kendall and Cipolla, TPAMI 2017) with one convolution a block: pooled with indices on
// the way down, unpooled by them on the way up, no other connection.
class SegTrunkImpl : public torch::nn::Module {
 public:
  explicit SegTrunkImpl(const std::vector<std::int64_t>& widths);
  struct Scales {
    std::vector<torch::Tensor> encoder, decoder;  // [k]: at stride 2^k; before pooling, and after unpooling to it
  };
  Scales forward(const torch::Tensor& x);
  static std::int64_t decoder_width(const std::vector<std::int64_t>& widths, std::size_t k) {
    return widths[k == 0 ? 0 : k - 1];
  }

 private:
  std::vector<ConvBlock> encoder_, decoder_;
};
TORCH_MODULE(SegTrunk);

// U-Net (Ronneberger, Fischer and Brox, MICCAI 2015) with one convolution a block and bilinear upsampling. `widths`:
// channels of the stages at strides 1, 2, 4, ... The auxiliary head is a 1x1 convolution on the second-last encoder
// stage.
class UNetImpl : public torch::nn::Module {
 public:
  explicit UNetImpl(const std::vector<std::int64_t>& widths, bool auxiliary = false);
  // Logits [batch, 1, height, width]; with an auxiliary head its logits first, at the input's size.
  std::vector<torch::Tensor> forward(const torch::Tensor& x);

 private:
  std::vector<ConvBlock> encoder_, decoder_;  // decoder_[k] makes stage k's map
  Pointwise head_{nullptr}, auxiliary_{nullptr};
};
TORCH_MODULE(UNet);

}  // namespace assay::learn
