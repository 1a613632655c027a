// Multi-label knowledge distillation: what a method receives, what it returns, and how methods register.
//
// A method sees the training images with their labels and what a frozen teacher says about them. The teacher is trained
// once per setting and seed and is the same for all. The student's initial weights, the order of the images and their
// mirroring depend on the seed alone, so that all students of a seed agree in them.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "learn/label_net.hpp"
#include "learn/one_cycle.hpp"
#include "learn/registry.hpp"
#include "multi-label-kd/label_report.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::multi_label_kd {

using learn::Taps;

struct Batch {
  torch::Tensor x;                                          // float [batch, channels, height, width], augmented
  torch::Tensor y;                                          // float [batch, classes]: 1 yes, 0 no, 0.5 unknown
  torch::Tensor index, mirrored;                            // int64 and bool [batch]: which image, and its variant
  std::int64_t epoch = 0, step = 0, epochs = 0, steps = 0;  // from 0; steps of the whole training
};

// A trained network that methods share and do not change, in evaluation mode. Everything it says is without gradient.
class Teacher {
 public:
  virtual ~Teacher() = default;
  // g, e, z, z_aux of the images of a batch; t1 and f only if `maps` (they cost a forward, or half precision where they
  // are kept).
  virtual Taps of(const Batch& batch, bool maps) const = 0;
  virtual torch::Tensor logits(const torch::Tensor& x) const = 0;  // of normalised images
  virtual const learn::TapSizes& sizes() const = 0;
};

using multi_label::Predictor;  // normalised images [n, channels, height, width] to logits [n, classes]

// Scores a snapshot, without showing the method a test label. The time this takes is not the method's.
class Recorder {
 public:
  virtual ~Recorder() = default;
  struct Losses {
    double task = 0, distillation = 0;  // means over the epoch
  };
  virtual void epoch(std::int64_t number, std::int64_t of, const Predictor& predictor, const Losses& losses) = 0;
};

struct Schedule {
  std::int64_t epochs = 0, batch = 0;
  learn::OneCycleRecipe recipe;  // recipe.cycle.steps is of the whole training
};

struct View {
  const multi_label::LabelledImages* train = nullptr;
  learn::Normalisation normalisation;
  learn::ImageShape shape;
  std::int64_t classes = 0;
  bool colour_views = false;  // Cutout and RandAugment instead of mirroring: no image has just two variants
  Schedule schedule;
  torch::Device device = torch::kCPU;
  std::function<std::shared_ptr<learn::LabelNet>()> student;  // a new one, with the initial weights of the seed
  std::function<const Teacher&()> teacher;                    // trained, or taken from the cache, at the first call
  Recorder* record = nullptr;
  Streams streams{0};

  // Sub-stream k of "init", "order", "augment" or "method". A method's own modules draw from "method".
  Stream stream(const std::string& name, std::int64_t k = 0) const { return streams.of_method(name, k); }
  learn::TapSizes student_sizes() const;
};

class Method {
 public:
  using Interface = Method;
  static constexpr const char* kTask = "multi-label-kd";

  virtual ~Method() = default;
  virtual Predictor fit(const View& view) = 0;
};

// --- What nearly all methods share: one student, trained on its task loss plus a distillation loss.

struct Losses {
  torch::Tensor task, distillation;  // scalars with their graphs; distillation may be undefined
};

struct Plan {
  std::shared_ptr<learn::LabelNet> student;
  std::vector<std::shared_ptr<torch::nn::Module>>
      along;           // trained with the student, dropped at test: regressors, heads
  bool taught = true;  // false: the teacher is not asked, its taps are undefined
  bool maps = false;   // the teacher's t1 and f are wanted
  std::function<Losses(const Batch&, const Taps& student, const Taps& teacher)> loss;
  // Leaves the gradients of the student and of `along` as the step shall use them.
  std::function<void(const Losses&)> backward = [](const Losses& losses) {
    (losses.distillation.defined() ? losses.task + losses.distillation : losses.task).backward();
  };
};
Predictor train(const View& view, const Plan& plan);

Predictor logits_of(std::shared_ptr<learn::LabelNet> net);  // in evaluation mode

// Binary cross-entropy of logits, sum over classes, mean over the batch ("batchmean"); unknown pairs cost nothing.
torch::Tensor bce(const torch::Tensor& z, const torch::Tensor& y);
// KL(Bernoulli(sigmoid(a)) || Bernoulli(sigmoid(b))), elementwise and stable:
// sigmoid(a) (a - b) + softplus(b) - softplus(a).
torch::Tensor bkl(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace assay::multi_label_kd
