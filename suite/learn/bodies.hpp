// Networks as a body, which makes features of an image, and linear heads on it. Weights come from a named stream.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/streams.hpp"
#include "learn/network.hpp"

namespace assay::learn {

class Body : public torch::nn::Module {
 public:
  explicit Body(std::int64_t features) : features_(features) {}
  virtual torch::Tensor forward(const torch::Tensor& x) = 0;  // z: [n, features]
  std::int64_t features() const { return features_; }

 private:
  std::int64_t features_;
};

// Ids (weights are not set yet; DeclarationError for another one):
//   "c5c3-64"        conv 5x5 stride 2, 16 -> conv 3x3 stride 2, 32 -> linear 64, each with batch norm and ReLU;
//                    "c5c3-64-w8": widths 8, 16 and features 32 (w, 2w, 4w) for any multiple of 4
//   "conv4"          four of [conv 3x3, 64, batch norm, ReLU, 2x2 max pool], flattened: 64 features (28x28) or 256
//                    (32x32)
//   "resnet-18-w16", "resnet-18-w64", "resnet-50-w16"   He et al., CVPR 2016, for small images: 3x3 stem, no pooling
//                    before the stages of w, 2w, 4w, 8w channels; averaged at the end
std::shared_ptr<Body> make_body(const std::string& id, const ImageShape& shape);

struct HeadedOutput {
  torch::Tensor z;                    // [n, features]
  std::vector<torch::Tensor> logits;  // one per head: [n, outputs of the head]
};

class Headed : public torch::nn::Module {
 public:
  Headed(std::shared_ptr<Body> body, const std::vector<std::int64_t>& outputs);
  HeadedOutput forward(const torch::Tensor& x);
  Body& body() { return *body_; }

 private:
  std::shared_ptr<Body> body_;
  std::vector<Dense> heads_;
};

// Body first, then the heads in order, all filled from `init`.
std::shared_ptr<Headed> make_headed(const std::string& body, const ImageShape& shape,
                                    const std::vector<std::int64_t>& outputs, Stream init);

// Copies weights and buffers of equal modules.
void copy_state(torch::nn::Module& from, torch::nn::Module& to);

}  // namespace assay::learn
