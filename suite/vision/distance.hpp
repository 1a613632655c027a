// Exact Euclidean distances on a pixel grid.
#pragma once

#include "vision/grid.hpp"

namespace assay::vision {

inline constexpr std::int64_t kUnreachable = std::int64_t{1} << 40;  // where the mask is empty

// Squared distance of each pixel's centre to the nearest centre of a pixel in the mask; 0 inside it. Beyond the image is
// nothing. In integers throughout, so exact at any size.
Grid<std::int64_t> squared_distance(const Mask& mask);

}  // namespace assay::vision
