// What methods ask of a mask again and again: depth, skeleton, boundary. Each is computed when it is first asked for,
// so that a method pays for what it uses, in `prepare`. All geometry is in pixels: (row i, column j) has its centre at
// x = j, y = i.
#pragma once

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "vision/grid.hpp"

namespace assay::crack_width {

using vision::Mask;

struct Pixel {
  std::int64_t x = 0, y = 0;
  friend bool operator==(const Pixel&, const Pixel&) = default;
};
inline bool in_row_major_order(const Pixel& a, const Pixel& b) { return std::tie(a.y, a.x) < std::tie(b.y, b.x); }
inline std::int64_t squared_distance(const Pixel& a, const Pixel& b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

// A set of pixels by rows, so that what lies near a point is found without reading all of them.
class PixelIndex {
 public:
  PixelIndex() = default;
  explicit PixelIndex(const Mask& members);

  // Those with |x - centre.x| <= reach and |y - centre.y| <= reach, in row-major order.
  std::vector<Pixel> within(const Pixel& centre, std::int64_t reach) const;
  // The nearest one that `keep` accepts; of several equally near ones the first in row-major order.
  template <typename Keep>
  std::optional<Pixel> nearest(const Pixel& to, const Keep& keep) const;
  std::optional<Pixel> nearest(const Pixel& to) const {
    return nearest(to, [](const Pixel&) { return true; });
  }

 private:
  std::vector<std::vector<std::int64_t>> rows_;  // of each row the members' columns, ascending
};

// Mask pixels with a 4-neighbour outside the mask; beyond the image counts as mask.
Mask boundary_of(const Mask& mask);

class MaskFacts {
 public:
  explicit MaskFacts(const Mask& mask) : mask_(mask) {}
  explicit MaskFacts(Mask&&) = delete;  // the mask is not copied

  const Mask& mask() const { return mask_; }
  // Squared distance to the nearest background pixel's centre; vision::kUnreachable where there is none.
  const vision::Grid<std::int64_t>& depth_squared() const;
  const PixelIndex& skeleton() const;  // Zhang and Suen's
  const PixelIndex& boundary() const;

 private:
  const Mask& mask_;
  mutable std::optional<vision::Grid<std::int64_t>> depth_squared_;
  mutable std::optional<PixelIndex> skeleton_, boundary_;
};

template <typename Keep>
std::optional<Pixel> PixelIndex::nearest(const Pixel& to, const Keep& keep) const {
  std::optional<Pixel> best;
  const auto beyond = [&](std::int64_t squared) { return best && squared > squared_distance(*best, to); };
  const auto consider = [&](const Pixel& pixel) {
    if (!keep(pixel)) return;
    const auto far = squared_distance(pixel, to), best_far = best ? squared_distance(*best, to) : far + 1;
    if (far < best_far || (far == best_far && in_row_major_order(pixel, *best))) best = pixel;
  };
  const auto search = [&](std::int64_t y) {  // outwards from where the point's column would stand
    if (y < 0 || y >= static_cast<std::int64_t>(rows_.size())) return;
    const auto& row = rows_[static_cast<std::size_t>(y)];
    const auto middle = std::lower_bound(row.begin(), row.end(), to.x);
    for (auto x = middle; x != row.begin() && !beyond(squared_distance({*(x - 1), y}, to)); --x)
      consider({*(x - 1), y});
    for (auto x = middle; x != row.end() && !beyond(squared_distance({*x, y}, to)); ++x) consider({*x, y});
  };
  const auto height = static_cast<std::int64_t>(rows_.size());
  for (std::int64_t dy = 0; dy <= std::max(to.y, height - to.y) && !beyond(dy * dy); ++dy) {
    search(to.y - dy);
    if (dy > 0) search(to.y + dy);
  }
  return best;
}

}  // namespace assay::crack_width
