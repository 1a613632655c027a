// What lies around cracks on a road: steps D and E of section 2.3 of the specification.
#pragma once

#include <cstdint>

#include "crack-detection/splitmix.hpp"
#include "vision/grid.hpp"

namespace assay::cracks {

// Asphalt: smooth unevenness and round grains; about 0.5.
vision::Grid<double> asphalt(SplitMix& random, std::int64_t side);

// Stains, shadow, paint, joint, sealed strip, marks and uneven light. Asphalt becomes (asphalt + added) factor.
struct Lighting {
  vision::Grid<double> factor, added;
};
Lighting lighting(SplitMix& random, std::int64_t side);

}  // namespace assay::cracks
