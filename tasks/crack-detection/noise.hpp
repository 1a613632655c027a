// Smooth noise: section 2.2 of the specification.
#pragma once

#include <cstdint>
#include <vector>

#include "crack-detection/splitmix.hpp"
#include "vision/grid.hpp"

namespace assay::cracks {

// Random values in [-1, 1) on a lattice `cell` pixels wide, shifted by a random part of a cell, with smooth steps between
// them.
vision::Grid<double> smooth_noise(SplitMix& random, std::int64_t height, std::int64_t width, double cell);
// Along a line, at 0..n: a walk of n steps that leaves the image with the last one stores n + 1 points.
std::vector<double> smooth_noise(SplitMix& random, std::int64_t n, double cell);

}  // namespace assay::cracks
