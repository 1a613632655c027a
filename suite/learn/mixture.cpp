#include "learn/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace assay::learn {

namespace {

constexpr double kVarianceFloor = 5e-4, kTolerance = 1e-2;
constexpr int kIterations = 10;

std::vector<double> scaled(std::span<const double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  std::vector<double> x;
  for (const double value : values) x.push_back((value - *low) / (*high - *low));
  return x;
}

// The largest value of the lower part in the split of the sorted values with the smallest total squared error.
double two_means_threshold(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  std::vector<double> sum{0}, square{0};
  for (const double value : x) {
    sum.push_back(sum.back() + value);
    square.push_back(square.back() + value * value);
  }
  const auto error = [&](std::size_t from, std::size_t to) {
    const double s = sum[to] - sum[from];
    return square[to] - square[from] - s * s / static_cast<double>(to - from);
  };
  std::size_t best = 1;
  for (std::size_t cut = 1; cut < x.size(); ++cut) {
    if (error(0, cut) + error(cut, x.size()) < error(0, best) + error(best, x.size())) best = cut;
  }
  return x[best - 1];
}

void maximise(const std::vector<double>& x, const std::vector<double>& low, Mixture& mixture) {
  for (std::size_t k = 0; k < 2; ++k) {
    const auto share = [&](std::size_t i) { return k == 0 ? low[i] : 1 - low[i]; };
    double n = 10 * std::numeric_limits<double>::epsilon(), sum = 0, square = 0;
    for (std::size_t i = 0; i < x.size(); ++i) n += share(i);
    for (std::size_t i = 0; i < x.size(); ++i) sum += share(i) * x[i];
    mixture.weight[k] = n / static_cast<double>(x.size());
    mixture.mean[k] = sum / n;
    for (std::size_t i = 0; i < x.size(); ++i) square += share(i) * std::pow(x[i] - mixture.mean[k], 2);
    mixture.variance[k] = square / n + kVarianceFloor;
  }
}

// Posteriors of component 0, and the mean log-likelihood.
double expect(const std::vector<double>& x, const Mixture& mixture, std::vector<double>& low) {
  double total = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::array<double, 2> log_density{};
    for (std::size_t k = 0; k < 2; ++k) {
      const double v = mixture.variance[k];
      log_density[k] = std::log(mixture.weight[k]) -
                       (std::log(2 * std::numbers::pi * v) + std::pow(x[i] - mixture.mean[k], 2) / v) / 2;
    }
    const double top = std::max(log_density[0], log_density[1]);
    const double sum = top + std::log(std::exp(log_density[0] - top) + std::exp(log_density[1] - top));
    low[i] = std::exp(log_density[0] - sum);
    total += sum;
  }
  return total / static_cast<double>(x.size());
}

}  // namespace

Mixture fit_mixture(std::span<const double> values) {
  Mixture mixture;
  if (values.empty() ||
      *std::min_element(values.begin(), values.end()) == *std::max_element(values.begin(), values.end())) {
    return mixture;
  }
  const auto x = scaled(values);
  const double threshold = two_means_threshold(x);
  mixture.low.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) mixture.low[i] = x[i] <= threshold ? 1 : 0;
  maximise(x, mixture.low, mixture);
  double before = -std::numeric_limits<double>::infinity();
  while (mixture.iterations < kIterations) {
    ++mixture.iterations;
    const double likelihood = expect(x, mixture, mixture.low);
    maximise(x, mixture.low, mixture);
    if (std::abs(likelihood - before) < kTolerance) break;
    before = likelihood;
  }
  expect(x, mixture, mixture.low);
  if (mixture.mean[0] > mixture.mean[1]) {
    for (double& posterior : mixture.low) posterior = 1 - posterior;
  }
  return mixture;
}

std::vector<double> clean_probability(std::span<const double> values, Clean clean) {
  auto mixture = fit_mixture(values);
  if (mixture.low.empty()) return std::vector<double>(values.size(), 1);
  if (clean == Clean::kLarge) {
    for (double& posterior : mixture.low) posterior = 1 - posterior;
  }
  return mixture.low;
}

}  // namespace assay::learn
