#include "learn/mixture.hpp"

#include <algorithm>

#include "learn/normal_mixture.hpp"
#include "learn/ranking.hpp"

namespace assay::learn {

namespace {

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

}  // namespace

Mixture fit_mixture(std::span<const double> values) {
  Mixture mixture;
  if (values.empty() ||
      *std::min_element(values.begin(), values.end()) == *std::max_element(values.begin(), values.end())) {
    return mixture;
  }
  const auto x = minmax(values);
  const double threshold = two_means_threshold(x);
  std::vector<std::vector<double>> start(2, std::vector<double>(x.size(), 0));
  for (std::size_t i = 0; i < x.size(); ++i) start[x[i] <= threshold ? 0 : 1][i] = 1;
  auto fit = refine_normal_mixture(x, std::move(start));
  for (std::size_t k = 0; k < 2; ++k) {
    mixture.weight[k] = fit.weight[k], mixture.mean[k] = fit.mean[k], mixture.variance[k] = fit.variance[k];
  }
  mixture.iterations = fit.iterations;
  mixture.low = std::move(fit.posterior[fit.lowest()]);
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
