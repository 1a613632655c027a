#include "crack-width/patch.hpp"

#include <numbers>

namespace assay::crack_width {

namespace {

constexpr std::uint8_t kUnseen = 1, kReached = 2;

// The mask around q, kReached where it belongs to q's component. A frame of zeros spares every look at a neighbour the
// question whether there is one: pixel q + (dx, dy) is at (dy + R + 1, dx + R + 1).
Mask component_at(const Mask& mask, const Pixel& q, std::int64_t R) {
  const auto side = 2 * R + 3;
  Mask patch(side, side, 0);
  for (auto y = std::max<std::int64_t>(q.y - R, 0); y <= std::min(q.y + R, mask.height - 1); ++y) {
    for (auto x = std::max<std::int64_t>(q.x - R, 0); x <= std::min(q.x + R, mask.width - 1); ++x) {
      patch(y - q.y + R + 1, x - q.x + R + 1) = mask(y, x);
    }
  }
  std::vector<std::int64_t> open;
  const auto reach = [&](std::int64_t place) {
    auto& pixel = patch.values[static_cast<std::size_t>(place)];
    if (pixel != kUnseen) return;
    pixel = kReached;
    open.push_back(place);
  };
  reach((R + 1) * side + R + 1);
  while (!open.empty()) {
    const auto place = open.back();
    open.pop_back();
    for (const auto row : {place - side, place, place + side}) {
      for (const auto neighbour : {row - 1, row, row + 1}) reach(neighbour);
    }
  }
  return patch;
}

}  // namespace

std::vector<Pixel> patch_boundary(const MaskFacts& facts, const Pixel& q, std::int64_t R) {
  const auto component = component_at(facts.mask(), q, R);
  auto points = facts.boundary().within(q, R);
  for (auto& point : points) point = {point.x - q.x, point.y - q.y};
  std::erase_if(points, [&](const Pixel& p) { return component(p.y + R + 1, p.x + R + 1) != kReached; });
  return points;
}

double robust_axis(const Points& m, double c) {
  constexpr double kCollapsed = 0.1;
  const auto low = low_rank_part(m, c).low_rank;
  return principal_axis(frobenius(low) < kCollapsed * frobenius(m) ? m : low).angle;
}

std::optional<Chord> across(const Mask& mask, const Pixel& q, double axis, std::int64_t R) {
  auto found = chord(mask, q, axis + std::numbers::pi / 2);
  if (found && found->width > 2 * static_cast<double>(R)) return std::nullopt;
  return found;
}

}  // namespace assay::crack_width
