#include "crack-width/chord.hpp"

#include <cmath>
#include <numbers>

namespace assay::crack_width {

namespace {

// A coordinate as a whole number and a rest in [0, 1). Not by std::floor, which the baseline instruction set has to
// call.
struct Split {
  explicit Split(double value) : whole(static_cast<std::int64_t>(value)) {
    whole -= value < static_cast<double>(whole);
    rest = value - static_cast<double>(whole);
  }
  std::int64_t whole;
  double rest;
};

// The mask at (from.x + dx, from.y + dy). The offset is split on its own: with the sum, results would depend in the
// last bits on where in the image the point lies.
double interpolated(const Mask& mask, const Pixel& from, double dx, double dy) {
  const Split x(dx), y(dy);
  const auto column = [&](std::int64_t at) { return std::clamp<std::int64_t>(from.x + at, 0, mask.width - 1); };
  const auto row = [&](std::int64_t at) { return std::clamp<std::int64_t>(from.y + at, 0, mask.height - 1); };
  const auto left = column(x.whole), right = column(x.whole + 1), top = row(y.whole), bottom = row(y.whole + 1);
  const double upper = (1 - x.rest) * mask(top, left) + x.rest * mask(top, right);
  const double lower = (1 - x.rest) * mask(bottom, left) + x.rest * mask(bottom, right);
  return (1 - y.rest) * upper + y.rest * lower;
}

}  // namespace

std::optional<double> ray(const Mask& mask, const Pixel& from, double x, double y) {
  double before = interpolated(mask, from, 0, 0);
  if (before < 0.5) return 0;
  for (double t = kRayStep; t <= kRayCap; t += kRayStep) {  // multiples of 1/4: exact
    const double here = interpolated(mask, from, t * x, t * y);
    if (here < 0.5) return t - kRayStep * (0.5 - here) / (before - here);
    before = here;
  }
  return std::nullopt;
}

std::optional<Chord> chord(const Mask& mask, const Pixel& through, double angle) {
  const double x = std::cos(angle), y = std::sin(angle);
  const auto ahead = ray(mask, through, x, y), behind = ray(mask, through, -x, -y);
  if (!ahead || !behind) return std::nullopt;
  const auto at = [&](double t) {
    return Place{static_cast<double>(through.x) + t * x, static_cast<double>(through.y) + t * y};
  };
  return Chord{*ahead + *behind, at(-*behind), at(*ahead)};
}

std::optional<Chord> shortest_chord(const Mask& mask, const Pixel& through) {
  std::optional<Chord> shortest;
  for (int k = 0; k < 36; ++k) {
    const auto here = chord(mask, through, k * std::numbers::pi / 36);
    if (here && (!shortest || here->width < shortest->width)) shortest = here;
  }
  return shortest;
}

}  // namespace assay::crack_width
