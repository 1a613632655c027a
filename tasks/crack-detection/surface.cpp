#include "crack-detection/surface.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "crack-detection/noise.hpp"
#include "crack-detection/walk.hpp"

namespace assay::cracks {

namespace {

using std::numbers::pi;
using Map = vision::Grid<double>;

double unit(double value) { return std::clamp(value, 0.0, 1.0); }

// Pixels within `reach` of a span, cut off at the image.
struct Range {
  Range(double low, double high, double reach, std::int64_t size)
      : begin(std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(low - reach)))),
        end(std::min(size, static_cast<std::int64_t>(std::ceil(high + reach)) + 1)) {}
  std::int64_t begin, end;
};

void add_noise(Map& map, SplitMix& random, double amplitude, double cell) {
  const auto noise = smooth_noise(random, map.height, map.width, cell);
  for (std::size_t i = 0; i < map.size(); ++i) map.values[i] += amplitude * noise.values[i];
}

void draw_grain(Map& grains, SplitMix& random) {
  const auto side = static_cast<double>(grains.width);
  const double x = random.uniform(0, side), y = random.uniform(0, side), radius = random.uniform(0.6, 2.4),
               height = random.normal(0, 0.11);
  const Range rows(y, y, radius + 0.5, grains.height), columns(x, x, radius + 0.5, grains.width);
  for (auto i = rows.begin; i < rows.end; ++i) {
    for (auto j = columns.begin; j < columns.end; ++j) {
      const double distance = std::hypot(static_cast<double>(j) - x, static_cast<double>(i) - y);
      const double cover = unit(radius + 0.5 - distance);
      grains(i, j) = grains(i, j) * (1 - cover) + height * cover;
    }
  }
}

}  // namespace

Map asphalt(SplitMix& random, std::int64_t side) {
  Map grey(side, side, random.uniform(0.38, 0.62));
  add_noise(grey, random, 0.035, 48);
  for (const double cell : {20, 9, 4}) add_noise(grey, random, 0.03, cell);
  Map grains(side, side);
  const auto count = static_cast<std::int64_t>(0.030 * static_cast<double>(side * side));
  for (std::int64_t n = 0; n < count; ++n) draw_grain(grains, random);
  for (std::size_t i = 0; i < grey.size(); ++i) grey.values[i] += grains.values[i];
  return grey;
}

namespace {

struct Line {  // x cos phi + y sin phi = offset, from the image's middle
  Line(double phi, double from_middle) : cosine(std::cos(phi)), sine(std::sin(phi)), offset(from_middle) {}
  double operator()(double x, double y) const { return x * cosine + y * sine - offset; }
  double cosine, sine, offset;
};

// Draws everything in the order of the specification.
class Effects {
 public:
  Effects(SplitMix& random, std::int64_t side)
      : random_(random),
        pixels_(side),
        side_(static_cast<double>(side)),
        result_{Map(side, side, 1), Map(side, side)} {}

  Lighting all() {
    for (auto left = random_.below(4); left > 0; --left) stain();
    if (random_.uniform() < 0.35) shadow();
    if (random_.uniform() < 0.25) paint();
    if (random_.uniform() < 0.35) joint();
    if (random_.uniform() < 0.15) sealed_strip();
    for (auto left = random_.below(7); left > 0; --left) mark();
    uneven_light();
    return std::move(result_);
  }

 private:
  // draw(pixel number, x, y) with x and y from the image's middle.
  template <typename Draw>
  void everywhere(const Draw& draw) {
    std::size_t pixel = 0;
    for (std::int64_t i = 0; i < pixels_; ++i) {
      for (std::int64_t j = 0; j < pixels_; ++j) {
        draw(pixel++, static_cast<double>(j) - side_ / 2, static_cast<double>(i) - side_ / 2);
      }
    }
  }

  double lengths() const { return side_ / 128; }  // what is given in pixels of a 128-pixel image
  double& factor(std::size_t pixel) { return result_.factor.values[pixel]; }
  double& added(std::size_t pixel) { return result_.added.values[pixel]; }
  Map noise(double cell) { return smooth_noise(random_, pixels_, pixels_, cell); }

  Line along_or_across(double tilt) {
    const double phi = random_.uniform(-tilt, tilt);
    const auto quarters = random_.below(2);
    const double offset = random_.uniform(-0.4, 0.4) * side_;
    return {(phi + 90 * static_cast<double>(quarters)) * kDegree, offset};
  }

  void stain() {
    const double x = random_.uniform(0, side_) - side_ / 2, y = random_.uniform(0, side_) - side_ / 2;
    const double a = random_.uniform(4, 22) * lengths(), b = random_.uniform(3, 14) * lengths();
    const double phi = random_.uniform(0, pi), k = random_.uniform(0.08, 0.30);
    const double cosine = std::cos(phi), sine = std::sin(phi);
    everywhere([&](std::size_t pixel, double px, double py) {
      const double dx = px - x, dy = py - y;
      const double along = (dx * cosine + dy * sine) / a, across = (dy * cosine - dx * sine) / b;
      factor(pixel) *= 1 - k * unit((1.25 - std::sqrt(along * along + across * across)) / 0.5);
    });
  }

  void shadow() {
    const double phi = random_.uniform(0, 2 * pi), offset = random_.uniform(-0.35, 0.35) * side_;
    const double softness = random_.uniform(1, 6), k = random_.uniform(0.25, 0.5);
    const double amplitude = random_.uniform(0, 0.08) * side_;
    const auto wobble = noise(side_ / 4);
    const Line line(phi, offset);
    everywhere([&](std::size_t pixel, double x, double y) {
      factor(pixel) *= 1 - k / (1 + std::exp(-(line(x, y) + amplitude * wobble.values[pixel]) / softness));
    });
  }

  void paint() {
    const auto line = along_or_across(15);
    const double width = random_.uniform(0.08, 0.2) * side_, a = random_.uniform(0.12, 0.3);
    const double wear = random_.uniform(-0.6, 0.3);
    const auto rubbed = noise(7);
    everywhere([&](std::size_t pixel, double x, double y) {
      const double d = std::abs(line(x, y)) - width / 2;
      added(pixel) += a * unit(0.5 - d) * unit(4 * (rubbed.values[pixel] - wear));
    });
  }

  void joint() {
    const auto line = along_or_across(8);
    const double width = random_.uniform(1.5, 3.5), k = random_.uniform(0.10, 0.30);
    everywhere([&](std::size_t pixel, double x, double y) {
      factor(pixel) *= 1 - k * unit(0.5 - (std::abs(line(x, y)) - width / 2));
    });
  }

  void sealed_strip() {
    const double phi = random_.uniform(0, pi), offset = random_.uniform(-0.4, 0.4) * side_;
    const double width = random_.uniform(5, 11) * lengths(), k = random_.uniform(0.15, 0.35);
    const auto wobble = noise(side_ / 3);
    const Line line(phi, offset);
    everywhere([&](std::size_t pixel, double x, double y) {
      const double d = std::abs(line(x, y) + 0.05 * side_ * wobble.values[pixel]) - width / 2;
      factor(pixel) *= 1 - k * unit((1.5 - d) / 3);
    });
  }

  struct Point {
    double x, y;
  };

  void mark() {
    Point at{random_.uniform(0, side_), 0};
    at.y = random_.uniform(0, side_);
    double phi = random_.uniform(0, 2 * pi);
    const double length = random_.uniform(6, 18), curl = random_.uniform(-0.08, 0.08);
    const double sign = random_.uniform() < 0.6 ? -1 : 1;
    const double a = random_.uniform(0.05, 0.14), width = random_.uniform(0.8, 1.6);
    std::vector<Point> points;
    for (auto left = static_cast<std::int64_t>(2 * length); left > 0; --left) {
      at = {at.x + 0.5 * std::cos(phi), at.y + 0.5 * std::sin(phi)};
      phi += 0.5 * curl;
      points.push_back(at);
    }
    draw_mark(points, sign * a, width / 2 + 0.5);
  }

  void draw_mark(const std::vector<Point>& points, double height, double reach) {
    const auto [left, right] =
        std::minmax_element(points.begin(), points.end(), [](const Point& p, const Point& q) { return p.x < q.x; });
    const auto [top, bottom] =
        std::minmax_element(points.begin(), points.end(), [](const Point& p, const Point& q) { return p.y < q.y; });
    const Range rows(top->y, bottom->y, reach, pixels_), columns(left->x, right->x, reach, pixels_);
    for (auto i = rows.begin; i < rows.end; ++i) {
      for (auto j = columns.begin; j < columns.end; ++j) {
        const double x = static_cast<double>(j), y = static_cast<double>(i);
        double square = 1e18;
        for (const auto& p : points) square = std::min(square, (x - p.x) * (x - p.x) + (y - p.y) * (y - p.y));
        result_.added(i, j) += height * unit(reach - std::sqrt(square));
      }
    }
  }

  void uneven_light() {
    const double phi = random_.uniform(0, 2 * pi), slope = random_.uniform(0, 0.25), vignette = random_.uniform(0, 0.2);
    const Line line(phi, 0);
    everywhere([&](std::size_t pixel, double x, double y) {
      factor(pixel) *= 1 + slope * line(x, y) / side_;
      factor(pixel) *= 1 - vignette * (x * x + y * y) / (side_ * side_ / 2);
    });
  }

  SplitMix& random_;
  std::int64_t pixels_;
  double side_;
  Lighting result_;
};

}  // namespace

Lighting lighting(SplitMix& random, std::int64_t side) { return Effects(random, side).all(); }

}  // namespace assay::cracks
