// The pieces of Cascaded PCA that it shares with its single stages: patch, axes, the width across an axis.
#pragma once

#include "crack-width/axis.hpp"

namespace assay::crack_width {

inline constexpr std::size_t kFewestPoints = 6;

// M: the boundary pixels with |x - q.x| <= R and |y - q.y| <= R that belong to the 8-connected component of the mask in
// that square which holds q; relative to q, in row-major order.
std::vector<Pixel> patch_boundary(const MaskFacts& facts, const Pixel& q, std::int64_t R);

// The first left singular vector of the low-rank part of M; where that part has collapsed (|L|_F < 0.1 |M|_F) the
// principal axis of M itself.
double robust_axis(const Points& m, double c);

// The chord through q at a right angle to the axis; nothing where it does not end or is longer than the patch is high,
// 2R.
std::optional<Chord> across(const Mask& mask, const Pixel& q, double axis, std::int64_t R);

}  // namespace assay::crack_width
