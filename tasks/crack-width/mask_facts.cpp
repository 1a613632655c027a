#include "crack-width/mask_facts.hpp"

#include "vision/distance.hpp"
#include "vision/regions.hpp"

namespace assay::crack_width {

PixelIndex::PixelIndex(const Mask& members) : rows_(static_cast<std::size_t>(members.height)) {
  for (std::int64_t y = 0; y < members.height; ++y) {
    for (std::int64_t x = 0; x < members.width; ++x) {
      if (members(y, x)) rows_[static_cast<std::size_t>(y)].push_back(x);
    }
  }
}

std::vector<Pixel> PixelIndex::within(const Pixel& centre, std::int64_t reach) const {
  std::vector<Pixel> found;
  const auto first = std::max<std::int64_t>(centre.y - reach, 0);
  const auto last = std::min(centre.y + reach, static_cast<std::int64_t>(rows_.size()) - 1);
  for (auto y = first; y <= last; ++y) {
    const auto& row = rows_[static_cast<std::size_t>(y)];
    auto x = std::lower_bound(row.begin(), row.end(), centre.x - reach);
    for (; x != row.end() && *x <= centre.x + reach; ++x) found.push_back({*x, y});
  }
  return found;
}

Mask boundary_of(const Mask& mask) {
  Mask boundary(mask.height, mask.width, 0);
  const auto background = [&](std::int64_t y, std::int64_t x) { return mask.inside(y, x) && !mask(y, x); };
  for (std::int64_t y = 0; y < mask.height; ++y) {
    for (std::int64_t x = 0; x < mask.width; ++x) {
      boundary(y, x) =
          mask(y, x) && (background(y - 1, x) || background(y + 1, x) || background(y, x - 1) || background(y, x + 1));
    }
  }
  return boundary;
}

const vision::Grid<std::int64_t>& MaskFacts::depth_squared() const {
  if (!depth_squared_) {
    Mask background(mask_.height, mask_.width, 0);
    for (std::size_t i = 0; i < mask_.size(); ++i) background.values[i] = !mask_.values[i];
    depth_squared_ = vision::squared_distance(background);
  }
  return *depth_squared_;
}

const PixelIndex& MaskFacts::skeleton() const {
  if (!skeleton_) skeleton_ = PixelIndex(vision::thinned(mask_));
  return *skeleton_;
}

const PixelIndex& MaskFacts::boundary() const {
  if (!boundary_) boundary_ = PixelIndex(boundary_of(mask_));
  return *boundary_;
}

}  // namespace assay::crack_width
