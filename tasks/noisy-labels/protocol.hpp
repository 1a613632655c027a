// Learning with noisy labels: what a method receives, what it returns, and how methods register.
//
// A method sees training images with given labels and a validation split with given labels. Clean labels, test data and
// the realised noise stay on the protocol's side: View has no accessor for them. What a card lists under
// needs.privileged is handed out through Privileged and earns a badge.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "learn/batches.hpp"
#include "learn/granted.hpp"
#include "learn/network.hpp"
#include "learn/registry.hpp"
#include "learn/training.hpp"
#include "learn/update_rule.hpp"

namespace assay::noisy_labels {

using learn::Batch;

// Normalised images [n, ...] to probabilities [n, classes], in evaluation mode. Called without gradients.
using Classifier = std::function<torch::Tensor(const torch::Tensor&)>;

// What a method can tell about an epoch besides its classifier.
struct EpochFacts {
  double train_loss = std::numeric_limits<double>::quiet_NaN();
  torch::Tensor selected = {};  // bool [n]: training samples that it takes for correctly labelled
};

// Scores a snapshot, without showing the method a test label. The time this takes is not the method's.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void epoch(std::int64_t epoch, std::int64_t of, const Classifier& classifier, const EpochFacts& facts) = 0;
};

class Privileged {
 public:
  Privileged() = default;
  Privileged(Granted granted, double noise_rate, torch::Tensor clean_labels)
      : granted_(std::move(granted)), noise_rate_(noise_rate), clean_labels_(std::move(clean_labels)) {}

  double noise_rate() const;           // expected share of wrong labels, never the realised one
  torch::Tensor clean_labels() const;  // int64 [n]; -1 where the image shows none of the classes

 private:
  Granted granted_;
  double noise_rate_ = 0;
  torch::Tensor clean_labels_;
};

struct View {
  learn::ImageSet images;  // training images; a sample's index is its position here
  torch::Tensor labels;    // int64 [n], as given
  learn::ImageSet validation;
  torch::Tensor validation_labels;  // as given, too
  std::int64_t classes = 0;
  learn::Augmentation augmentation;
  learn::Recipe recipe;  // what every method starts from
  std::string network_id;
  torch::Device device = torch::kCPU;
  Privileged privileged;
  std::shared_ptr<learn::Work> work;
  Recorder* record = nullptr;
  Streams streams{0};

  // Sub-stream k of "init", "order", "augment" or "method"; a method with one network uses k = 0. A method draws
  // nothing that it does not need: with its own terms off it then repeats cross-entropy bit for bit.
  Stream stream(const std::string& name, std::int64_t k = 0) const { return streams.of_method(name, k); }
  std::shared_ptr<learn::Net> network(std::int64_t k = 0) const;  // initial weights from sub-stream k of "init"
  learn::Loader loader(std::int64_t k = 0) const;
};

struct Fit {
  // float [n], larger = more likely labelled correctly. Undefined: the classifier's probability of the given label.
  torch::Tensor clean_score = {};
};

class Method {
 public:
  using Interface = Method;
  static constexpr const char* kTask = "noisy-labels";

  virtual ~Method() = default;
  virtual Fit fit(const View& view) = 0;  // records each epoch; the last recorded classifier is the result
};

// --- What most methods share: one network, trained by the recipe with another loss or update rule.

using ClassLoss = std::function<torch::Tensor(const torch::Tensor& logits, const Batch&)>;  // mean over the batch

struct Plan {
  ClassLoss loss;
  learn::MakeRule rule = learn::plain_rule();
  std::function<void(Batch&)> prepare = [](Batch&) {};
  std::function<torch::Tensor()> selected = [] { return torch::Tensor(); };  // after an epoch: EpochFacts::selected
};

torch::Tensor cross_entropy(const torch::Tensor& logits, const Batch& batch);
std::shared_ptr<learn::Net> train(const View& view, const Plan& plan);
Classifier softmax_of(std::shared_ptr<learn::Net> net);

}  // namespace assay::noisy_labels
