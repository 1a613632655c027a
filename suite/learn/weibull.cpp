#include "learn/weibull.hpp"

#include <algorithm>
#include <boost/math/distributions/weibull.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <stdexcept>

namespace assay::learn {

namespace {

constexpr double kSteepest = 1e3;

// Sums over a sample scaled by its maximum, so that no power overflows.
struct Sample {
  std::vector<double> logarithm;  // of x / largest
  double largest = 1, mean_logarithm = 0;

  explicit Sample(const std::vector<double>& x) : largest(*std::max_element(x.begin(), x.end())) {
    for (const double value : x) logarithm.push_back(std::log(value / largest));
    for (const double value : logarithm) mean_logarithm += value / static_cast<double>(x.size());
  }

  // Rises with the shape; 0 where the likelihood is largest.
  double slope(double shape) const {
    double weighted = 0, sum = 0;
    for (const double value : logarithm) {
      weighted += std::exp(shape * value) * value;
      sum += std::exp(shape * value);
    }
    return weighted / sum - 1 / shape - mean_logarithm;
  }

  double shape() const {
    if (slope(kSteepest) <= 0) return kSteepest;
    const double range = -*std::min_element(logarithm.begin(), logarithm.end());
    std::uintmax_t iterations = 100;
    const auto [low, high] =
        boost::math::tools::toms748_solve([this](double k) { return slope(k); }, 1 / range, kSteepest,
                                          boost::math::tools::eps_tolerance<double>(50), iterations);
    return (low + high) / 2;
  }

  double scale(double shape) const {
    double sum = 0;
    for (const double value : logarithm) sum += std::exp(shape * value);
    return largest * std::pow(sum / static_cast<double>(logarithm.size()), 1 / shape);
  }
};

}  // namespace

double WeibullTail::cdf(double distance) const {
  const double x = distance + shift;
  return x > 0 ? boost::math::cdf(boost::math::weibull(shape, scale), x) : 0;
}

WeibullTail fit_weibull_tail(std::vector<double> distances, std::size_t size) {
  if (distances.empty() || size == 0) throw std::invalid_argument("a Weibull tail of no distances");
  std::sort(distances.begin(), distances.end(), std::greater<>());
  distances.resize(std::min(size, distances.size()));
  const double shift = 1 - distances.back();
  for (double& distance : distances) distance += shift;
  const Sample sample(distances);
  const double shape = sample.shape();
  return {shape, sample.scale(shape), shift};
}

}  // namespace assay::learn
