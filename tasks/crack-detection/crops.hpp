// Training crops: section 2.5 of the specification.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "core/streams.hpp"
#include "crack-detection/pictures.hpp"
#include "learn/batches.hpp"
#include "learn/update_rule.hpp"

namespace assay::cracks {

struct Schedule {
  std::int64_t steps = 0, batch = 0, crop = 0;  // crop: side in pixels; images smaller than it are used whole
  std::int64_t warmup = 0;                      // steps
  std::int64_t checkpoints = 1;                 // how often a snapshot is scored on the way, the end included
  learn::Recipe recipe;

  // learning_rate min(1, (s + 1) / warmup) (1 + cos(pi s / steps)) / 2
  double learning_rate(std::int64_t step) const;
};

// Batches from shuffled passes over the images, shuffled anew when used up; corner and dihedral element (flips and quarter
// turns) of each crop uniform.
class CropLoader {
 public:
  CropLoader(const std::vector<Picture>& pictures, const std::vector<torch::Tensor>& truth, const Schedule& schedule,
             std::int64_t corner_multiple, Stream order, Stream augment, torch::Device device);
  learn::Batch next();

 private:
  std::int64_t next_image();

  const std::vector<Picture>& pictures_;
  const std::vector<torch::Tensor>& truth_;
  std::int64_t batch_, corner_multiple_, height_, width_;  // of a crop
  Stream order_stream_, augment_stream_;
  torch::Device device_;
  std::vector<std::int64_t> order_;
  std::size_t taken_ = 0;
  std::int64_t step_ = 0;
};

// One of the eight images of a square under flips and quarter turns; `element` 0..7, 0 is the identity. x: [..., h, w].
torch::Tensor dihedral(const torch::Tensor& x, std::int64_t element);

}  // namespace assay::cracks
