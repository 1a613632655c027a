// The one-shot protocol. Several models, trained on the same few labels, give one representation each; all further
// labels are asked for at once, and a weighted linear head is fitted on every representation. All classes are known.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "open-set-al/method.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

struct OneShotView {
  std::int64_t size = 0;                         // of U; ids are 0 .. size - 1
  std::vector<torch::Tensor> features;           // per model: float32 [size, d_j], the last column 1
  std::vector<torch::Tensor> probabilities;      // per model: float32 [size, classes]
  std::vector<torch::Tensor> labelled_features;  // per model: float32 [labelled, d_j], of the images that are labelled
  std::int64_t budget = 0;                       // tau: distinct images to ask for
  Streams streams{0};
  Record record;

  // The same for every budget: a larger one continues the draws of a smaller one.
  Stream stream() const { return streams.of_method("method", 0); }
};

struct OneShotPick {
  Ids ids;                      // tau distinct ones, in the order asked
  std::vector<double> weights;  // of each in the heads' objective (an image labelled at first has 1); empty: all 1
};

class OneShotMethod : public virtual Method {
 public:
  virtual OneShotPick pick(const OneShotView& view) = 0;
};

}  // namespace assay::open_set_al
