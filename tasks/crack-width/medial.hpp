// What the skeleton tells about a place: several methods start from it.
#pragma once

#include "crack-width/chord.hpp"

namespace assay::crack_width {

// s(q): the skeleton pixel nearest to the check point, ties to the first in row-major order. Nothing where the thinning
// has left none (it deletes squares of 2 x 2).
std::optional<Pixel> medial_pixel(const MaskFacts& facts, const Pixel& check_point);

struct Disc {
  Place centre;
  double radius = 0;
};

// The disc around a pixel up to the nearest background pixel's centre; nothing where the mask has no background.
std::optional<Disc> inscribed_disc(const MaskFacts& facts, const Pixel& centre);

// The direction of the skeleton at a pixel of it: the principal axis of its points within `radius` px (Euclidean).
// Nothing where there are fewer than 2.
std::optional<double> medial_tangent(const MaskFacts& facts, const Pixel& at, double radius);

}  // namespace assay::crack_width
