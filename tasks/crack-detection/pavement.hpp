// Procedural pavement with cracks whose centre lines, widths and masks are known exactly: sections 2.1 to 2.4 of the
// specification. The generator draws from SplitMix64 as written there and from nothing else, so that its check values hold
// everywhere (libm may move a mask by a pixel or two). No LibTorch.
#pragma once

#include <cstdint>
#include <vector>

#include "vision/grid.hpp"

namespace assay::cracks {

// A walk along one crack; branches are cracks of their own. Positions are pixels, with pixel (i, j) centred at x = j, y = i.
struct Crack {
  std::vector<double> x, y, theta;  // as stored step by step; theta in radians, the heading
  std::vector<double> width;        // full width in pixels, after the taper; > 0
  std::vector<double> contrast;     // darkening, 0..1
  int parent = -1;                  // index of the crack it branches from; -1 for none
  int generation = 0;
};

struct Pavement {
  vision::Grey image;
  vision::Mask mask;              // distance <= 0
  vision::Grid<double> distance;  // signed, in pixels; negative inside a crack
  std::vector<Crack> cracks;      // roots and branches in the order in which they are drawn
};

// Image number `index` of the set with `seed`, `side` x `side` pixels (128 in quick).
Pavement make_pavement(std::uint64_t seed, std::uint64_t index, std::int64_t side);

// A place where a width is asked for, with the truth.
struct CheckPoint {
  std::int64_t x = 0, y = 0;  // the rounded pixel, which the method gets
  double width = 0;           // true, in pixels
  double heading = 0;         // radians: from the stored point t - 5 to t + 5
  bool irregular = false;     // the heading turns by more than 40 degrees or the width varies by more than half nearby
};

struct WidthScene {
  vision::Mask mask;
  std::vector<CheckPoint> points;
  std::vector<Crack> cracks;
};

enum class Edges { kClean, kRough };  // rough: noise on the outline and spalls

// Scene number `index` of the set with `seed` (256 pixels in quick, seed 5).
WidthScene make_width_scene(std::uint64_t seed, std::uint64_t index, std::int64_t side, Edges edges);

}  // namespace assay::cracks
