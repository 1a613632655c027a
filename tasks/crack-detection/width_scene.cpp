// Width scenes: section 2.4 of the specification.
#include <algorithm>
#include <cmath>

#include "crack-detection/noise.hpp"
#include "crack-detection/pavement.hpp"
#include "crack-detection/splitmix.hpp"
#include "crack-detection/walk.hpp"

namespace assay::cracks {

namespace {

constexpr WalkRules kRules{.bend = 0.02,
                           .reversion = 0.03,
                           .kink_chance = 0.04,
                           .kink_deviation = 0.5,
                           .branch_chance = 0.006,
                           .generations = 1,
                           .thinnest = 2.5,
                           .widest = 18,
                           .stretch = 2};

std::vector<Crack> draw_cracks(SplitMix& random, std::int64_t side) {
  std::vector<Crack> cracks;
  for (auto left = 1 + random.below(2); left > 0; --left) {
    auto start = border_start(random, side, 0.15, 40);
    start.length = random.uniform(0.7, 1.4) * static_cast<double>(side);
    start.width = random.log_uniform(3, 12);
    walk(random, kRules, side, start, cracks);
  }
  return cracks;
}

// A piece broken off the edge of a crack.
struct Spall {
  std::size_t crack = 0, t = 0;
  double x = 0, y = 0, radius = 0;
};

std::vector<Spall> draw_spalls(SplitMix& random, const std::vector<Crack>& cracks) {
  std::vector<Spall> spalls;
  for (std::size_t c = 0; c < cracks.size(); ++c) {
    const auto& crack = cracks[c];
    const auto m = crack.x.size();
    for (auto left = m / 20; left > 0; --left) {
      const auto t = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(m)));
      const double side = random.uniform() < 0.5 ? 1 : -1, radius = random.uniform(2, 5);
      const double out = side * crack.width[t] / 2;
      spalls.push_back(
          {c, t, crack.x[t] - out * std::sin(crack.theta[t]), crack.y[t] + out * std::cos(crack.theta[t]), radius});
    }
  }
  return spalls;
}

void carve(vision::Grid<double>& distance, const Spall& spall) {
  for (std::int64_t i = 0; i < distance.height; ++i) {
    const double dy = static_cast<double>(i) - spall.y;
    if (std::abs(dy) > spall.radius) continue;
    for (std::int64_t j = 0; j < distance.width; ++j) {
      const double d = std::hypot(static_cast<double>(j) - spall.x, dy) - spall.radius;
      distance(i, j) = std::min(distance(i, j), d);
    }
  }
}

void roughen(vision::Grid<double>& distance, SplitMix& random) {
  const auto coarse = smooth_noise(random, distance.height, distance.width, 4);
  const auto fine = smooth_noise(random, distance.height, distance.width, 1.7);
  for (std::size_t i = 0; i < distance.size(); ++i) {
    distance.values[i] += 0.7 * coarse.values[i] + 0.35 * fine.values[i];
  }
}

// Chooses the places along the cracks whose width is well defined.
class PointChooser {
 public:
  PointChooser(const WidthScene& scene, const std::vector<Spall>& spalls) : scene_(scene), spalls_(spalls) {}

  std::vector<CheckPoint> points() const {
    std::vector<CheckPoint> points;
    for (std::size_t c = 0; c < scene_.cracks.size(); ++c) {
      for (std::size_t t = kFromEnds; t + kFromEnds < scene_.cracks[c].x.size(); t += 6) {
        if (well_inside(c, t) && !spalled(c, t) && !crowded(c, t)) points.push_back(check_point(scene_.cracks[c], t));
      }
    }
    std::erase_if(points, [&](const CheckPoint& point) { return !scene_.mask(point.y, point.x); });
    return points;
  }

 private:
  static constexpr std::size_t kFromEnds = 14;  // steps, and of what `irregular` looks at on either side
  static constexpr double kFromBorder = 22;     // pixels
  static constexpr double kApart = 5;           // pixels between the edges of cracks

  bool well_inside(std::size_t c, std::size_t t) const {
    const double x = scene_.cracks[c].x[t], y = scene_.cracks[c].y[t];
    const double last = static_cast<double>(scene_.mask.width) - 1;
    return std::min(x, y) >= kFromBorder && std::max(x, y) <= last - kFromBorder;
  }

  bool spalled(std::size_t c, std::size_t t) const {
    return std::any_of(spalls_.begin(), spalls_.end(), [&](const Spall& spall) {
      return spall.crack == c && steps_between(spall.t, t) < spall.radius + 2.5;
    });
  }

  // Whether another crack's edge comes near, or a far part of the same crack.
  bool crowded(std::size_t c, std::size_t t) const {
    const auto& crack = scene_.cracks[c];
    for (std::size_t o = 0; o < scene_.cracks.size(); ++o) {
      const auto& other = scene_.cracks[o];
      for (std::size_t u = 0; u < other.x.size(); ++u) {
        if (o == c && steps_between(t, u) <= 2.5 * crack.width[t] + 14) continue;
        const double centres = std::hypot(other.x[u] - crack.x[t], other.y[u] - crack.y[t]);
        if (centres - (crack.width[t] + other.width[u]) / 2 < kApart) return true;
      }
    }
    return false;
  }

  static double steps_between(std::size_t t, std::size_t u) {
    return std::abs(static_cast<double>(t) - static_cast<double>(u));
  }

  static CheckPoint check_point(const Crack& crack, std::size_t t) {
    return {std::llround(crack.x[t]), std::llround(crack.y[t]), crack.width[t],
            std::atan2(crack.y[t + 5] - crack.y[t - 5], crack.x[t + 5] - crack.x[t - 5]), irregular(crack, t)};
  }

  static bool irregular(const Crack& crack, std::size_t t) {
    return range(crack.theta, t) > 40 * kDegree || range(crack.width, t) > 0.5 * crack.width[t];
  }

  static double range(const std::vector<double>& values, std::size_t t) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(t);
    const auto [least, most] = std::minmax_element(at - kFromEnds, at + kFromEnds + 1);
    return *most - *least;
  }

  const WidthScene& scene_;
  const std::vector<Spall>& spalls_;
};

}  // namespace

WidthScene make_width_scene(std::uint64_t seed, std::uint64_t index, std::int64_t side, Edges edges) {
  auto random = SplitMix::derive(seed, {11, index});
  WidthScene scene;
  scene.cracks = draw_cracks(random, side);
  auto distance = field_of(scene.cracks, side).distance;
  std::vector<Spall> spalls;
  if (edges == Edges::kRough) {
    auto rough = SplitMix::derive(seed, {12, index});
    roughen(distance, rough);
    spalls = draw_spalls(rough, scene.cracks);
    for (const auto& spall : spalls) carve(distance, spall);
  }
  scene.mask = inside(distance);
  scene.points = PointChooser(scene, spalls).points();
  return scene;
}

}  // namespace assay::cracks
