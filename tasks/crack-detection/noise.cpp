#include "crack-detection/noise.hpp"

#include <algorithm>

namespace assay::cracks {

namespace {

std::vector<double> lattice(SplitMix& random, std::int64_t size) {
  std::vector<double> values(static_cast<std::size_t>(size));
  for (auto& value : values) value = random.uniform(-1, 1);
  return values;
}

std::int64_t cells(std::int64_t pixels, double cell) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(pixels) / cell));
}

// Where pixels 0..n-1 lie on one axis of the lattice: between nodes `cell` and `cell` + 1, at `step` of the way.
struct Place {
  std::size_t cell = 0;
  double step = 0;
};
std::vector<Place> places(std::int64_t n, double cell, double offset, std::int64_t nodes) {
  std::vector<Place> all;
  for (std::int64_t t = 0; t < n; ++t) {
    const double at = static_cast<double>(t) / cell + offset;
    const auto node = std::min(static_cast<std::int64_t>(std::floor(at)), nodes - 2);
    const double f = at - static_cast<double>(node);
    all.push_back({static_cast<std::size_t>(node), f * f * (3 - 2 * f)});
  }
  return all;
}

double between(double a, double b, double step) { return a + (b - a) * step; }

}  // namespace

vision::Grid<double> smooth_noise(SplitMix& random, std::int64_t height, std::int64_t width, double cell) {
  const auto rows = cells(height, cell) + 2, columns = cells(width, cell) + 2;
  const auto nodes = lattice(random, rows * columns);
  const double offset_x = random.uniform(), offset_y = random.uniform();
  const auto down = places(height, cell, offset_y, rows), across = places(width, cell, offset_x, columns);
  vision::Grid<double> noise(height, width);
  auto value = noise.values.begin();
  for (const auto& y : down) {
    const double* upper = nodes.data() + y.cell * static_cast<std::size_t>(columns);
    const double* lower = upper + columns;
    for (const auto& x : across) {
      *value++ = between(between(upper[x.cell], upper[x.cell + 1], x.step),
                         between(lower[x.cell], lower[x.cell + 1], x.step), y.step);
    }
  }
  return noise;
}

std::vector<double> smooth_noise(SplitMix& random, std::int64_t n, double cell) {
  const auto size = cells(n, cell) + 3;
  const auto nodes = lattice(random, size);
  const double offset = random.uniform();
  std::vector<double> noise;
  for (const auto& t : places(n + 1, cell, offset, size)) {
    noise.push_back(between(nodes[t.cell], nodes[t.cell + 1], t.step));
  }
  return noise;
}

}  // namespace assay::cracks
