// Semi-supervised multi-label classification: what a method receives, what it returns, and how methods register.
//
// A method sees all training images, and the labels of a small part of them. All methods start from one model, trained
// on the labelled part alone; then all take the same number of steps on the same rows in the same views. Hidden labels
// stay on the protocol's side, which scores pseudo-labels against them. What a card lists under needs.privileged is
// handed out through Privileged and earns a badge.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "learn/granted.hpp"
#include "learn/label_net.hpp"
#include "learn/one_cycle.hpp"
#include "learn/registry.hpp"
#include "multi-label-kd/label_report.hpp"
#include "ssl-multi-label/base_loss.hpp"
#include "ssl-multi-label/dual_net.hpp"
#include "ssl-multi-label/views.hpp"

namespace assay::ssl_multi_label {

using multi_label::Predictor;  // normalised images [n, channels, height, width] to logits [n, classes]

struct PseudoLabels {
  torch::Tensor labels, mask;  // float [unlabelled rows, classes]: 1 or 0; pairs whose mask is 0 are not trained on
};

// Scores a snapshot, without showing the method a hidden or a test label. The time this takes is not the method's.
class Recorder {
 public:
  virtual ~Recorder() = default;
  struct Snapshot {
    Predictor averaged, raw;  // the averaged model, which counts, and the trained one
    Predictor image_head;     // of D2L-MAT: the averaged model's h1 alone; otherwise empty
    double train_loss = 0;    // mean over the epoch; NaN: nothing was trained
    PseudoLabels pseudo;      // those of the epoch; undefined where none are made
  };
  virtual void epoch(std::int64_t number, std::int64_t of, const Snapshot& snapshot) = 0;
};

class Privileged {
 public:
  Privileged() = default;
  Privileged(Granted granted, torch::Tensor unlabelled_labels)
      : granted_(std::move(granted)), unlabelled_labels_(std::move(unlabelled_labels)) {}
  // float [unlabelled rows, classes]: 1 yes, 0 no, 0.5 unknown. DeclarationError unless the card lists
  // "unlabelled_labels" under needs.privileged.
  const torch::Tensor& unlabelled_labels() const;

 private:
  Granted granted_;
  torch::Tensor unlabelled_labels_;
};

struct Schedule {
  std::int64_t warm_epochs = 0, warm_batch = 0;  // on the labelled part alone
  std::int64_t epochs = 0, steps = 0;            // then, with steps of each epoch
  std::int64_t labelled = 0, unlabelled = 0;     // rows of a step
  double learning_rate = 0, weight_decay = 0;
  double average = 0;        // decay of the moving average
  bool code_anneal = false;  // the cycle is laid out for warm-up and training together, and ends at 31 % of its height

  learn::OneCycleRecipe recipe(std::int64_t steps) const;  // AdamW with a whole cycle of so many steps
  learn::OneCycleRecipe training_recipe() const;
};

struct View {
  Images images;
  Rows labelled, unlabelled;  // rows of `images`
  torch::Tensor labels;       // float [labelled rows, classes]: 1 yes, 0 no, 0.5 unknown
  learn::ImageShape shape;
  std::int64_t classes = 0;
  BaseLoss loss;
  Schedule schedule;
  torch::Device device = torch::kCPU;
  std::function<std::shared_ptr<learn::LabelNet>()> warm;  // a copy of the model that all start from
  std::function<std::shared_ptr<DualNet>()> warm_dual;  // the same for D2L-MAT: its heads need a warm-up of their own
  Privileged privileged;
  Recorder* record = nullptr;
  Streams streams{0};

  // Sub-stream k of "init", "order", "augment" or "method".
  Stream stream(const std::string& name, std::int64_t k = 0) const { return streams.of_method(name, k); }
};

class Method {
 public:
  using Interface = Method;
  static constexpr const char* kTask = "ssl-multi-label";

  virtual ~Method() = default;
  virtual void fit(const View& view) = 0;  // records every epoch; the last one's snapshot is the result
};

// --- What all methods but the constant one share.

// What the averaged model says about plain images at the start of an epoch, as probabilities.
struct Beliefs {
  torch::Tensor unlabelled;                 // float [unlabelled rows, classes], on the CPU
  std::function<torch::Tensor()> labelled;  // float [labelled rows, classes]
};
using PseudoLabeller = std::function<PseudoLabels(const Beliefs&)>;

// A step's rows: positions in view.labelled and view.unlabelled, strong views with the labelled ones first.
struct Batch {
  Rows labelled, unlabelled;
  torch::Tensor x;
  torch::Tensor y;      // float [labelled, classes]
  PseudoLabels pseudo;  // of the unlabelled rows; undefined where there are none
};

struct Model {
  std::shared_ptr<torch::nn::Module> module;
  Predictor logits;  // in evaluation mode
};
struct Plan {
  Model trained, averaged;  // equal at first
  PseudoLabeller label;     // empty: on the labelled rows alone
  std::function<torch::Tensor(const Batch&)> loss;
  Predictor image_head;
};
void train(const View& view, const Plan& plan);
void train(const View& view, const PseudoLabeller& label);  // one network with the shared warm-up

// The loss of the labelled rows plus that of the unlabelled ones.
torch::Tensor loss_of(const BaseLoss& loss, const torch::Tensor& z, const Batch& batch);

PseudoLabels all_used(const torch::Tensor& positive);  // bool [m, classes]; a mask of ones
torch::Tensor positives(const torch::Tensor& labels);  // float [classes]: how many rows have a label
torch::Tensor known(const torch::Tensor& labels);      // float [classes]: of how many rows it is known

}  // namespace assay::ssl_multi_label
