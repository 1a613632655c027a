#include "crack-width/axis.hpp"

#include <cmath>
#include <numbers>

namespace assay::crack_width {

namespace {

Place operator+(const Place& a, const Place& b) { return {a.x + b.x, a.y + b.y}; }
Place operator-(const Place& a, const Place& b) { return {a.x - b.x, a.y - b.y}; }

double soft(double value, double threshold) { return std::copysign(std::max(0.0, std::abs(value) - threshold), value); }

// D_t(A) = V diag(max(0, 1 - t / sigma_i)) V^T A, with V and sigma_i^2 from A A^T: lowers each singular value by t.
class Shrinkage {
 public:
  Shrinkage(const Axis& axis, double t)
      : u_{std::cos(axis.angle), std::sin(axis.angle)}, first_(factor(axis.major, t)), second_(factor(axis.minor, t)) {}

  Place operator()(const Place& a) const {
    const double along = first_ * (u_.x * a.x + u_.y * a.y), across = second_ * (u_.x * a.y - u_.y * a.x);
    return {along * u_.x - across * u_.y, along * u_.y + across * u_.x};
  }

 private:
  static double factor(double eigenvalue, double t) {
    return eigenvalue > 0 ? std::max(0.0, 1 - t / std::sqrt(eigenvalue)) : 0;
  }

  Place u_;
  double first_, second_;
};

double squared(const Place& a) { return a.x * a.x + a.y * a.y; }

}  // namespace

Points centred(std::span<const Pixel> points) {
  std::int64_t x = 0, y = 0;
  for (const auto& point : points) x += point.x, y += point.y;
  const auto n = static_cast<double>(points.size());
  const Place mean{static_cast<double>(x) / n, static_cast<double>(y) / n};
  Points moved;
  moved.reserve(points.size());
  for (const auto& point : points) {
    moved.push_back(Place{static_cast<double>(point.x), static_cast<double>(point.y)} - mean);
  }
  return moved;
}

Axis principal_axis(const Points& points) {
  double xx = 0, xy = 0, yy = 0;
  for (const auto& point : points) {
    xx += point.x * point.x;
    xy += point.x * point.y;
    yy += point.y * point.y;
  }
  const double root = std::sqrt((xx - yy) * (xx - yy) + 4 * xy * xy);
  return {std::atan2(2 * xy, xx - yy) / 2, (xx + yy + root) / 2, std::max(0.0, (xx + yy - root) / 2)};
}

double angle_between(double a, double b) { return std::abs(std::remainder(a - b, std::numbers::pi)); }

double frobenius(const Points& points) {
  double sum = 0;
  for (const auto& point : points) sum += squared(point);
  return std::sqrt(sum);
}

LowRank low_rank_part(const Points& m, double c) {
  constexpr int kMostIterations = 500;
  constexpr double kTolerance = 1e-5;
  const auto n = m.size();
  double sum = 0;
  for (const auto& point : m) sum += std::abs(point.x) + std::abs(point.y);
  const double mu = 2 * static_cast<double>(n) / (4 * sum), lambda = c / std::sqrt(static_cast<double>(n));
  const double small = kTolerance * frobenius(m);

  Points l(n), s(n), y(n), a(n);  // y is Y / mu: only that is ever needed
  for (int iteration = 1; iteration <= kMostIterations; ++iteration) {
    for (std::size_t i = 0; i < n; ++i) a[i] = m[i] - s[i] + y[i];
    const Shrinkage shrink(principal_axis(a), 1 / mu);
    double residuals = 0, changes = 0;
    for (std::size_t i = 0; i < n; ++i) {
      l[i] = shrink(a[i]);
      const auto rest = m[i] - l[i] + y[i];
      const Place sparse{soft(rest.x, lambda / mu), soft(rest.y, lambda / mu)};
      const auto residual = m[i] - l[i] - sparse;
      residuals += squared(residual);
      changes += squared(sparse - s[i]);
      s[i] = sparse;
      y[i] = y[i] + residual;
    }
    if (std::sqrt(residuals) < small && mu * std::sqrt(changes) < small) return {std::move(l), iteration};
  }
  return {std::move(l), kMostIterations};
}

}  // namespace assay::crack_width
