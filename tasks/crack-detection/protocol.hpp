// Crack segmentation: what a method receives, what it returns, and how methods register.
//
// A method sees training images with pixel labels. Test labels stay on the protocol's side. What a card lists under
// needs.privileged is handed out through Privileged and earns a badge.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "crack-detection/crops.hpp"
#include "crack-detection/pictures.hpp"
#include "learn/granted.hpp"
#include "learn/registry.hpp"
#include "learn/segmentation.hpp"
#include "learn/update_rule.hpp"

namespace assay::cracks {

using learn::
    Batch;  // x: float [batch, 1, side, side], standardised; y: float, the same shape, 1 crack, 0 none, 0.5 ignored

// A picture to the probability of crack of each of its pixels, float [height, width] in [0, 1]. Called without gradients.
using Predictor = std::function<torch::Tensor(const Picture&)>;

// Scores a snapshot, without showing the method a test label. The time this takes is not the method's.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void checkpoint(std::int64_t number, std::int64_t of, const Predictor& predictor, double train_loss) = 0;
};

class Privileged {
 public:
  Privileged() = default;
  Privileged(Granted granted, std::vector<torch::Tensor> test_truth)
      : granted_(std::move(granted)), test_truth_(std::move(test_truth)) {}
  // float [height, width] of a test picture: 1 crack, 0 none, 0.5 ignored. DeclarationError unless the card lists
  // "test_masks" under needs.privileged.
  const torch::Tensor& test_mask(const Picture& picture) const;

 private:
  Granted granted_;
  std::vector<torch::Tensor> test_truth_;
};

// A network that was trained once for this setting and seed, with an auxiliary head; methods share it and do not change it.
using Teacher = std::function<learn::UNet()>;

struct View {
  std::vector<Picture> pictures;     // for training
  std::vector<torch::Tensor> truth;  // float [height, width] of each: 1 crack, 0 none, 0.5 ignored
  Schedule schedule;
  std::vector<std::int64_t> widths;  // channels at strides 1, 2, 4, ...
  std::int64_t patch = 0;            // side of the patches of the patch score, pixels
  torch::Device device = torch::kCPU;
  Privileged privileged;
  Teacher teacher;
  Recorder* record = nullptr;
  Streams streams{0};

  // Sub-stream k of "init", "order", "augment" or "method".
  Stream stream(const std::string& name, std::int64_t k = 0) const { return streams.of_method(name, k); }
  CropLoader loader(std::int64_t corner_multiple = 1) const;  // crop corners are multiples of it
};

class Method {
 public:
  using Interface = Method;
  static constexpr const char* kTask = "crack-detection";

  virtual ~Method() = default;
  virtual Predictor fit(const View& view) = 0;
};

// --- What most methods share: one network with one or several logit maps, trained on crops.

using Maps = std::vector<torch::Tensor>;  // logits [batch, 1, h, w]; the last one is the prediction

struct MapNetwork {
  std::shared_ptr<torch::nn::Module> module;
  std::function<Maps(const torch::Tensor& x)> maps;  // of x: [batch, 1, height, width]
};
// Draws the initial weights from sub-stream k of "init" and moves the network to the view's device.
template <typename Network>
MapNetwork network_of(const View& view, torch::nn::ModuleHolder<Network> net, std::int64_t k = 0) {
  auto init = view.stream("init", k);
  learn::initialise(*net, init);
  net->to(view.device);
  return {net.ptr(), [net](const torch::Tensor& x) mutable { return net->forward(x); }};
}

struct Plan {
  MapNetwork network;
  std::function<torch::Tensor(const Maps&, const Batch&)> loss;  // scalar, with its graph
  learn::MakeRule rule = learn::plain_rule();
  std::int64_t corner_multiple = 1;
};
Predictor train(const View& view, const Plan& plan);
Predictor sigmoid_of_last(const View& view, const MapNetwork& network);  // in evaluation mode, upsampled to the picture

// Binary cross-entropy of logits with labels of the same shape, mean over all pixels that are not ignored: "mean BCE".
torch::Tensor mean_bce(const torch::Tensor& logits, const torch::Tensor& labels);

}  // namespace assay::cracks
