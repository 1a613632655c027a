// Cracks as random walks, and their distance map: steps A to C of section 2.3 of the specification, with the numbers of
// section 2.4 where width scenes differ.
#pragma once

#include <cstdint>
#include <numbers>
#include <vector>

#include "crack-detection/pavement.hpp"
#include "crack-detection/splitmix.hpp"

namespace assay::cracks {

inline constexpr double kDegree = std::numbers::pi / 180;

struct WalkRules {
  double bend = 0.035;      // deviation of a step's change of curvature
  double reversion = 0.06;  // towards the heading at the start
  double kink_chance = 0.10, kink_deviation = 0.55;
  double branch_chance = 0.014;
  int generations = 2;                // of branches
  double thinnest = 1.2, widest = 6;  // pixels
  double stretch = 1;                 // of the noise along a crack, its taper and its dropouts
};

struct Start {
  double x = 0, y = 0, theta = 0;
  double length = 0, width = 0;  // pixels
};

// A start on one of the four borders, `margin` (a share of the side) away from the corners, within `spread` degrees of the
// perpendicular. Its length and width are left at 0.
Start border_start(SplitMix& random, std::int64_t side, double margin, double spread);

// Walks a crack from `start`, then its branches, and appends them to `cracks`.
void walk(SplitMix& random, const WalkRules& rules, std::int64_t side, const Start& start, std::vector<Crack>& cracks);

struct Field {
  vision::Grid<double> distance;  // signed, to the nearest edge; 1e9 where no crack is near
  vision::Grid<double> contrast;  // of the nearest crack
};
Field field_of(const std::vector<Crack>& cracks, std::int64_t side);

vision::Mask inside(const vision::Grid<double>& distance);  // distance <= 0

}  // namespace assay::cracks
