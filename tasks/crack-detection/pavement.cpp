#include "crack-detection/pavement.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "crack-detection/noise.hpp"
#include "crack-detection/splitmix.hpp"
#include "crack-detection/surface.hpp"
#include "crack-detection/walk.hpp"

namespace assay::cracks {

namespace {

using Map = vision::Grid<double>;

double unit(double value) { return std::clamp(value, 0.0, 1.0); }

int crack_count(SplitMix& random) {
  const double q = random.uniform();
  return q < 0.06 ? 0 : q < 0.55 ? 1 : q < 0.87 ? 2 : 3;
}

Start inner_start(SplitMix& random, std::int64_t side) {
  Start start;
  start.x = random.uniform(0.15, 0.85) * static_cast<double>(side);
  start.y = random.uniform(0.15, 0.85) * static_cast<double>(side);
  start.theta = random.uniform(0, 2 * std::numbers::pi);
  return start;
}

// Step A.
std::vector<Crack> draw_cracks(SplitMix& random, std::int64_t side) {
  std::vector<Crack> cracks;
  for (int left = crack_count(random); left > 0; --left) {
    auto start = random.uniform() < 0.7 ? border_start(random, side, 0.1, 50) : inner_start(random, side);
    start.length = random.uniform(0.5, 1.5) * static_cast<double>(side);
    start.width = random.log_uniform(1.3, 4.2);
    walk(random, WalkRules{}, side, start, cracks);
  }
  return cracks;
}

// Rows blurred by [1 2 1] / 4, transposed: two calls blur both directions. Beyond the edge its value goes on.
Map blurred_rows_transposed(const Map& image) {
  Map result(image.width, image.height);
  for (std::int64_t i = 0; i < image.height; ++i) {
    for (std::int64_t j = 0; j < image.width; ++j) {
      const auto left = std::max<std::int64_t>(j - 1, 0), right = std::min(j + 1, image.width - 1);
      result(j, i) = (image(i, left) + 2 * image(i, j) + image(i, right)) / 4;
    }
  }
  return result;
}

// Steps D to F. `light` is drawn from before and after the image is composed.
vision::Grey photograph(const Field& field, SplitMix background, SplitMix light, SplitMix noise) {
  const auto side = field.distance.width;
  auto image = asphalt(background, side);
  const auto [factor, added] = lighting(light, side);
  const double rim = light.uniform() < 0.5 ? 0.05 : 0;  // spalled edges are brighter
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double d = field.distance.values[i];
    image.values[i] =
        (image.values[i] + added.values[i]) * factor.values[i] * (1 - field.contrast.values[i] * unit(0.5 - d)) +
        rim * unit(1 - std::abs(d - 1.2) / 1.2);
  }
  if (light.uniform() < 0.5) image = blurred_rows_transposed(blurred_rows_transposed(image));
  const double deviation = light.uniform(0.010, 0.030);
  vision::Grey grey(side, side);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double value = unit(image.values[i] + deviation * noise.normal(0, 1));
    grey.values[i] = static_cast<std::uint8_t>(255 * value + 0.5);
  }
  return grey;
}

}  // namespace

Pavement make_pavement(std::uint64_t seed, std::uint64_t index, std::int64_t side) {
  const auto stream = [&](std::uint64_t key) { return SplitMix::derive(seed, {key, index}); };
  auto cracks = stream(1), roughness = stream(5);
  Pavement pavement;
  pavement.cracks = draw_cracks(cracks, side);
  auto field = field_of(pavement.cracks, side);
  const auto rough = smooth_noise(roughness, side, side, 2.5);
  for (std::size_t i = 0; i < rough.size(); ++i) field.distance.values[i] += 0.35 * rough.values[i];
  pavement.image = photograph(field, stream(2), stream(3), stream(4));
  pavement.mask = inside(field.distance);
  pavement.distance = std::move(field.distance);
  return pavement;
}

}  // namespace assay::cracks
