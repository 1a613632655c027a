#include "crack-width/medial.hpp"

#include <cmath>

#include "crack-width/axis.hpp"
#include "vision/distance.hpp"

namespace assay::crack_width {

std::optional<Pixel> medial_pixel(const MaskFacts& facts, const Pixel& check_point) {
  return facts.skeleton().nearest(check_point);
}

std::optional<Disc> inscribed_disc(const MaskFacts& facts, const Pixel& centre) {
  const auto squared = facts.depth_squared()(centre.y, centre.x);
  if (squared == vision::kUnreachable) return std::nullopt;
  return Disc{{static_cast<double>(centre.x), static_cast<double>(centre.y)}, std::sqrt(static_cast<double>(squared))};
}

std::optional<double> medial_tangent(const MaskFacts& facts, const Pixel& at, double radius) {
  auto near = facts.skeleton().within(at, static_cast<std::int64_t>(radius));
  std::erase_if(near, [&](const Pixel& p) { return static_cast<double>(squared_distance(p, at)) > radius * radius; });
  if (near.size() < 2) return std::nullopt;
  for (auto& pixel : near) pixel = {pixel.x - at.x, pixel.y - at.y};  // the same bits wherever the crack lies
  return principal_axis(centred(near)).angle;
}

}  // namespace assay::crack_width
