// Epoch after epoch of shuffled, augmented batches. The last incomplete one is dropped.
#pragma once

#include <vector>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

class Loader {
 public:
  // Each epoch has streams of its own, "order" and "augment" with its number, so that an image's variant depends on the
  // seed and the epoch alone. `view` must outlive the loader.
  explicit Loader(const View& view);

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  Batch next();

 private:
  void begin_epoch();
  torch::Tensor pixels_of(const torch::Tensor& index);  // augmented in colour where the setting has it

  const View& view_;
  std::int64_t steps_per_epoch_;
  std::int64_t step_ = 0;
  torch::Tensor order_;     // int64 [images]
  torch::Tensor mirrored_;  // bool [images], by image
  Stream colours_{0};
};

}  // namespace assay::multi_label_kd
