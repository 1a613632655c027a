// The networks that methods train. Weights come from a named stream, never from LibTorch's global generator; the layers
// are our own for that reason, since torch::nn::Conv2d and Linear draw from it as they are made.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/streams.hpp"

namespace assay::learn {

struct Output {
  torch::Tensor logits;  // [batch, classes]
  torch::Tensor z;       // last features, after ReLU, before the classifier
  torch::Tensor m;       // globally averaged features of an intermediate stage
};

// Rows that went through networks. A forward costs one part, a backward two; three parts are one pass.
struct Work {
  std::int64_t forward_rows = 0, backward_rows = 0;
  double passes() const { return static_cast<double>(forward_rows + 2 * backward_rows) / 3; }
};

class ConvImpl : public torch::nn::Module {  // no bias: a batch norm follows
 public:
  ConvImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
           std::int64_t dilation = 1);
  torch::Tensor forward(const torch::Tensor& x) { return torch::conv2d(x, weight_, {}, stride_, padding_, dilation_); }

 private:
  torch::Tensor weight_;
  std::int64_t stride_, padding_, dilation_;
};
TORCH_MODULE(Conv);

// A 1x1 convolution with a bias: the head of a map. `bias`: where it starts (a logit's prior); none: drawn like the weights.
class PointwiseImpl : public torch::nn::Module {
 public:
  PointwiseImpl(std::int64_t in, std::int64_t out, std::optional<double> bias = std::nullopt);
  torch::Tensor forward(const torch::Tensor& x) { return torch::conv2d(x, weight_, bias_); }
  std::optional<double> initial_bias() const { return initial_bias_; }

 private:
  torch::Tensor weight_, bias_;
  std::optional<double> initial_bias_;
};
TORCH_MODULE(Pointwise);

class DenseImpl : public torch::nn::Module {
 public:
  DenseImpl(std::int64_t in, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& x) { return torch::linear(x, weight_, bias_); }

 private:
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(Dense);

// Fills all Conv, Pointwise and Dense layers of a module, in their order, uniformly within +-1/sqrt(fan in): PyTorch's default.
void initialise(torch::nn::Module& module, Stream& stream);

class Net : public torch::nn::Module {
 public:
  explicit Net(std::int64_t features) : features_(features) {}

  // A forward with gradients enabled is counted as a forward and the backward that must follow it.
  Output forward(const torch::Tensor& x);
  std::int64_t features() const { return features_; }  // width of z
  void count_in(std::shared_ptr<Work> work) { work_ = std::move(work); }

 protected:
  virtual Output compute(const torch::Tensor& x) = 0;

 private:
  std::int64_t features_;
  std::shared_ptr<Work> work_ = std::make_shared<Work>();
};

struct ImageShape {
  std::int64_t channels = 1, height = 28, width = 28;
};

// "t90" (89,914 weights on 28x28 grey images, ten classes) or "preact-resnet-18". DeclarationError for another id.
std::shared_ptr<Net> make_network(const std::string& id, const ImageShape& shape, std::int64_t classes, Stream init);

}  // namespace assay::learn
