#include "crack-detection/walk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "crack-detection/noise.hpp"

namespace assay::cracks {

namespace {

constexpr double kOutside = 4;  // a walk ends this many pixels beyond the image
constexpr double kFar = 1e9;

struct Branch {
  std::size_t t = 0;  // of the stored point that it leaves from
  double angle = 0, width_factor = 0, length_factor = 0;
};

class Walk {
 public:
  Walk(SplitMix& random, const WalkRules& rules, std::int64_t side, std::vector<Crack>& cracks)
      : random_(random), rules_(rules), side_(static_cast<double>(side)), cracks_(cracks) {}

  void from(const Start& start, int parent, int generation) {
    const auto number = cracks_.size();
    std::vector<Branch> branches;
    cracks_.push_back(crack_from(start, parent, generation, branches));
    for (const auto& branch : branches) {
      const auto& crack = cracks_[number];
      if (branch.t + 4 >= crack.x.size()) continue;
      from({crack.x[branch.t], crack.y[branch.t], crack.theta[branch.t] + branch.angle,
            std::max(12.0, branch.length_factor * start.length),
            std::max(rules_.thinnest, branch.width_factor * crack.width[branch.t])},
           static_cast<int>(number), generation + 1);
    }
  }

 private:
  struct Dropout {
    std::size_t begin = 0, end = 0;
  };

  Crack crack_from(const Start& start, int parent, int generation, std::vector<Branch>& branches) {
    const auto n = static_cast<std::int64_t>(start.length);
    const auto slow = smooth_noise(random_, n, 22 * rules_.stretch),
               fast = smooth_noise(random_, n, 7 * rules_.stretch),
               contrast = smooth_noise(random_, n, 15 * rules_.stretch);
    const double base_contrast = random_.uniform(0.14, 0.42);
    Crack crack;
    crack.parent = parent;
    crack.generation = generation;
    const auto dropouts = place_points(crack, start, n, branches);
    for (std::size_t t = 0; t < crack.x.size(); ++t) {
      crack.width.push_back(tapered(start.width * (1 + 0.40 * slow[t] + 0.20 * fast[t]), t, crack));
      crack.contrast.push_back(base_contrast * (0.75 + 0.35 * contrast[t]));
    }
    for (const auto& [begin, end] : dropouts) {
      for (std::size_t t = begin; t < std::min(end, crack.x.size()); ++t) crack.contrast[t] *= 0.25;
    }
    return crack;
  }

  std::vector<Dropout> place_points(Crack& crack, const Start& start, std::int64_t n, std::vector<Branch>& branches) {
    std::vector<Dropout> dropouts;
    double x = start.x, y = start.y, theta = start.theta, curvature = 0;
    const auto store = [&] { crack.x.push_back(x), crack.y.push_back(y), crack.theta.push_back(theta); };
    for (std::int64_t t = 0; t < n; ++t) {
      store();
      curvature = 0.8 * curvature + random_.normal(0, rules_.bend);
      theta += curvature + rules_.reversion * (start.theta - theta);
      if (random_.uniform() < rules_.kink_chance) theta += random_.normal(0, rules_.kink_deviation);
      const auto here = static_cast<std::size_t>(t);
      if (random_.uniform() < 0.02) dropouts.push_back({here, here + dropout_length()});
      const bool may_branch = crack.generation < rules_.generations && t > 8 && t < n - 8;
      if (may_branch && random_.uniform() < rules_.branch_chance) branches.push_back(branch_at(here));
      x += std::cos(theta);
      y += std::sin(theta);
      if (left_image(x, y)) {
        store();
        break;
      }
    }
    return dropouts;
  }

  std::size_t dropout_length() {
    return static_cast<std::size_t>(random_.uniform(3 * rules_.stretch, 11 * rules_.stretch));
  }

  Branch branch_at(std::size_t t) {
    Branch branch{t, random_.uniform(25, 75) * kDegree, 0, 0};
    if (!(random_.uniform() < 0.5)) branch.angle = -branch.angle;
    branch.width_factor = random_.uniform(0.45, 0.85);
    branch.length_factor = random_.uniform(0.25, 0.6);
    return branch;
  }

  bool left_image(double x, double y) const {
    return std::min(x, y) < -kOutside || std::max(x, y) > side_ - 1 + kOutside;
  }

  // Cracks run out at their ends, branches only at the far one.
  double tapered(double width, std::size_t t, const Crack& crack) const {
    const double clipped = std::clamp(width, rules_.thinnest, rules_.widest);
    const auto to_end = crack.x.size() - 1 - t;
    const auto e = static_cast<double>(crack.parent < 0 ? std::min(t, to_end) : to_end);
    const double taper = 10 * rules_.stretch;
    return e < taper ? rules_.thinnest + (clipped - rules_.thinnest) * e / taper : clipped;
  }

  SplitMix& random_;
  const WalkRules& rules_;
  double side_;
  std::vector<Crack>& cracks_;
};

}  // namespace

Start border_start(SplitMix& random, std::int64_t side, double margin, double spread) {
  const double last = static_cast<double>(side) - 1;
  const auto border = random.below(4);
  const double v = random.uniform(margin, 1 - margin) * static_cast<double>(side);
  Start start;
  if (border == 0) start = {0, v, 0};
  if (border == 1) start = {last, v, std::numbers::pi};
  if (border == 2) start = {v, 0, std::numbers::pi / 2};
  if (border == 3) start = {v, last, -std::numbers::pi / 2};
  start.theta += random.uniform(-spread, spread) * kDegree;
  return start;
}

void walk(SplitMix& random, const WalkRules& rules, std::int64_t side, const Start& start, std::vector<Crack>& cracks) {
  Walk(random, rules, side, cracks).from(start, -1, 0);
}

namespace {

// One step of a crack as a tapered stroke.
class Stroke {
 public:
  Stroke(const Crack& crack, std::size_t t)
      : x_(crack.x[t]),
        y_(crack.y[t]),
        dx_(crack.x[t + 1] - x_),
        dy_(crack.y[t + 1] - y_),
        square_(dx_ * dx_ + dy_ * dy_),
        radii_{crack.width[t] / 2, crack.width[t + 1] / 2},
        contrasts_{crack.contrast[t], crack.contrast[t + 1]} {}

  void draw(Field& field) const {
    const double reach = std::max(radii_[0], radii_[1]) + 3;
    const auto top = first(y_, dy_, reach), bottom = last(y_, dy_, reach, field.distance.height);
    const auto left = first(x_, dx_, reach), right = last(x_, dx_, reach, field.distance.width);
    for (std::int64_t i = top; i <= bottom; ++i) {
      for (std::int64_t j = left; j <= right; ++j) draw_pixel(field, i, j);
    }
  }

 private:
  static std::int64_t first(double from, double step, double reach) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(std::min(from, from + step) - reach)));
  }
  static std::int64_t last(double from, double step, double reach, std::int64_t size) {
    return std::min(size - 1, static_cast<std::int64_t>(std::ceil(std::max(from, from + step) + reach)));
  }

  void draw_pixel(Field& field, std::int64_t i, std::int64_t j) const {
    const double px = static_cast<double>(j) - x_, py = static_cast<double>(i) - y_;
    const double v = std::clamp((px * dx_ + py * dy_) / square_, 0.0, 1.0);
    const double away_x = px - v * dx_, away_y = py - v * dy_;
    const double d = std::sqrt(away_x * away_x + away_y * away_y) - std::lerp(radii_[0], radii_[1], v);
    if (d >= field.distance(i, j)) return;
    field.distance(i, j) = d;
    field.contrast(i, j) = std::lerp(contrasts_[0], contrasts_[1], v);
  }

  double x_, y_, dx_, dy_, square_;
  std::array<double, 2> radii_, contrasts_;
};

}  // namespace

Field field_of(const std::vector<Crack>& cracks, std::int64_t side) {
  Field field{vision::Grid<double>(side, side, kFar), vision::Grid<double>(side, side, 0)};
  for (const auto& crack : cracks) {
    for (std::size_t t = 0; t + 1 < crack.x.size(); ++t) Stroke(crack, t).draw(field);
  }
  return field;
}

vision::Mask inside(const vision::Grid<double>& distance) {
  vision::Mask mask(distance.height, distance.width);
  std::transform(distance.values.begin(), distance.values.end(), mask.values.begin(),
                 [](double d) { return static_cast<std::uint8_t>(d <= 0); });
  return mask;
}

}  // namespace assay::cracks
