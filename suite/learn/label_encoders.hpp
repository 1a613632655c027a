// Encoders of the networks in label_net.hpp: a map to one embedding per label.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "core/streams.hpp"
#include "learn/network.hpp"

namespace assay::learn {

class LabelEncoder : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const torch::Tensor& map) = 0;  // [batch, channels, h, w] to E: [batch, classes, D]
  virtual void draw(Stream& init) { initialise(*this, init); }  // all that is random in it
};

// E = LayerNorm(A V^T) with V = conv1x1(map) [D, places] and A = softmax over places of conv1x1(map) [classes, places]:
// attention with one head and a learnable query per class.
class AttentionPooling final : public LabelEncoder {
 public:
  AttentionPooling(std::int64_t channels, std::int64_t classes, std::int64_t embedding);
  torch::Tensor forward(const torch::Tensor& map) override;

 private:
  Pointwise values_, attention_;
  torch::nn::LayerNorm norm_;
};

// Zeroes a share of the values in training mode and scales the others up. The masks are drawn on the CPU from a
// generator of its own, so that they are the same on all devices.
class DropoutImpl : public torch::nn::Module {
 public:
  explicit DropoutImpl(double share);
  torch::Tensor forward(const torch::Tensor& x);
  void seed(std::uint64_t seed) { generator_.set_current_seed(seed); }

 private:
  double share_;
  at::Generator generator_;
};
TORCH_MODULE(Dropout);

// ML-Decoder (Ridnik et al., WACV 2023) with one query per class and one layer, without self-attention:
// m = ReLU(conv1x1(map)); h0 = LN1(Q + dropout(Q)), Q ~ N(0, 1) fixed; h1 = LN2(h0 + dropout(attention(h0, m, m)));
// E = LN3(h1 + dropout(W2 dropout(ReLU(W1 h1)))).
class MlDecoder final : public LabelEncoder {
 public:
  MlDecoder(std::int64_t channels, std::int64_t classes, std::int64_t embedding);
  torch::Tensor forward(const torch::Tensor& map) override;
  void draw(Stream& init) override;

 private:
  torch::Tensor attention(const torch::Tensor& h, const torch::Tensor& memory);

  Pointwise embed_, key_, value_;
  Dense query_, out_, widen_, narrow_;
  torch::nn::LayerNorm norm1_, norm2_, norm3_;
  torch::Tensor queries_;  // [classes, D]
  Dropout dropout_;
};

}  // namespace assay::learn
