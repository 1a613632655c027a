// Pictures as methods see them.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace assay::cracks {

struct Picture {
  torch::Tensor grey;      // float [height, width] in [0, 1]
  torch::Tensor x;         // float [1, 1, height, width]: (grey - mean) / max(deviation, 1e-6), of the whole image
  std::int64_t index = 0;  // within its split
  bool test = false;
};

}  // namespace assay::cracks
