// Shapes in a mask.
#pragma once

#include "vision/grid.hpp"

namespace assay::vision {

// Zhang and Suen's thinning (CACM 1984): two sub-iterations, each marking all pixels before it deletes them, until nothing
// changes; the image is padded with one background pixel.
Mask thinned(const Mask& mask);

struct Components {
  std::int64_t count = 0;
  Grid<std::int32_t> labels;  // 0 background, 1..count, numbered by first pixel in row-major order
};
Components components(const Mask& mask);  // 8-connected

}  // namespace assay::vision
