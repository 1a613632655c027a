#include "learn/normal_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "learn/registry.hpp"

namespace assay::learn {

namespace {

using Responsibilities = std::vector<std::vector<double>>;  // [k][n]

void maximise(std::span<const double> x, double regularisation, NormalMixture& mixture) {
  for (std::size_t j = 0; j < mixture.posterior.size(); ++j) {
    const auto& share = mixture.posterior[j];
    double n = 10 * std::numeric_limits<double>::epsilon(), sum = 0, square = 0;  // scikit-learn's guard against 0 / 0
    for (std::size_t i = 0; i < x.size(); ++i) n += share[i];
    for (std::size_t i = 0; i < x.size(); ++i) sum += share[i] * x[i];
    mixture.weight[j] = n / static_cast<double>(x.size());
    mixture.mean[j] = sum / n;
    for (std::size_t i = 0; i < x.size(); ++i) square += share[i] * std::pow(x[i] - mixture.mean[j], 2);
    mixture.variance[j] = square / n + regularisation;
  }
}

// Fills the posteriors and the log-likelihood.
void expect(std::span<const double> x, NormalMixture& mixture) {
  const auto components = mixture.posterior.size();
  std::vector<double> log_density(components);
  double total = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < components; ++j) {
      const double v = mixture.variance[j];
      log_density[j] = std::log(mixture.weight[j]) -
                       (std::log(2 * std::numbers::pi * v) + std::pow(x[i] - mixture.mean[j], 2) / v) / 2;
    }
    const double top = *std::max_element(log_density.begin(), log_density.end());
    double sum = 0;
    for (const double value : log_density) sum += std::exp(value - top);
    sum = top + std::log(sum);
    for (std::size_t j = 0; j < components; ++j) mixture.posterior[j][i] = std::exp(log_density[j] - sum);
    total += sum;
  }
  mixture.log_likelihood = total / static_cast<double>(x.size());
}

NormalMixture begun_with(Responsibilities posterior) {
  const auto components = posterior.size();
  NormalMixture mixture;
  mixture.weight.resize(components), mixture.mean.resize(components), mixture.variance.resize(components);
  mixture.posterior = std::move(posterior);
  return mixture;
}

// Linear interpolation between the order statistics, as NumPy's default.
double quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// Lloyd's algorithm on a line: each value's group, none of the k groups empty. At least k distinct values.
class Lloyd {
 public:
  Lloyd(std::span<const double> values, const std::vector<double>& sorted, std::size_t k)
      : x_(values), centre_(k), group_(values.size(), k) {
    for (std::size_t j = 0; j < k; ++j) {
      centre_[j] = quantile(sorted, (static_cast<double>(j) + 0.5) / static_cast<double>(k));
    }
    constexpr int kIterations = 100;
    for (int i = 0; i < kIterations && assign(); ++i) move();
  }

  Responsibilities responsibilities() const {
    Responsibilities share(centre_.size(), std::vector<double>(x_.size(), 0));
    for (std::size_t i = 0; i < x_.size(); ++i) share[group_[i]][i] = 1;
    return share;
  }

 private:
  double distance(std::size_t i) const { return std::abs(x_[i] - centre_[group_[i]]); }

  bool assign() {  // whether anything changed
    const auto before = group_;
    std::vector<std::size_t> members(centre_.size(), 0);
    for (std::size_t i = 0; i < x_.size(); ++i) {
      group_[i] = 0;
      for (std::size_t j = 1; j < centre_.size(); ++j) {
        if (std::abs(x_[i] - centre_[j]) < distance(i)) group_[i] = j;
      }
      ++members[group_[i]];
    }
    for (std::size_t j = 0; j < centre_.size(); ++j) {
      if (members[j] == 0) fill(j, members);
    }
    return group_ != before;
  }

  // An empty group takes the value farthest from its own centre, of a group that is not emptied thereby.
  void fill(std::size_t empty, std::vector<std::size_t>& members) {
    std::size_t farthest = x_.size();
    for (std::size_t i = 0; i < x_.size(); ++i) {
      if (members[group_[i]] < 2) continue;
      if (farthest == x_.size() || distance(i) > distance(farthest)) farthest = i;
    }
    --members[group_[farthest]], ++members[empty];
    group_[farthest] = empty;
    centre_[empty] = x_[farthest];
  }

  void move() {
    std::vector<double> sum(centre_.size(), 0), count(centre_.size(), 0);
    for (std::size_t i = 0; i < x_.size(); ++i) sum[group_[i]] += x_[i], ++count[group_[i]];
    for (std::size_t j = 0; j < centre_.size(); ++j) centre_[j] = sum[j] / count[j];
  }

  std::span<const double> x_;
  std::vector<double> centre_;
  std::vector<std::size_t> group_;
};

// Groups of equal values, in ascending order. Components left over have no weight, and stand at the largest value.
NormalMixture step(std::span<const double> values, const std::vector<double>& distinct, std::size_t components,
                   double variance) {
  auto mixture = begun_with(Responsibilities(components, std::vector<double>(values.size(), 0)));
  for (std::size_t j = 0; j < components; ++j) {
    mixture.mean[j] = distinct[std::min(j, distinct.size() - 1)];
    mixture.variance[j] = variance;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto place = std::lower_bound(distinct.begin(), distinct.end(), values[i]);
    const auto j = static_cast<std::size_t>(place - distinct.begin());
    mixture.posterior[j][i] = 1;
    mixture.weight[j] += 1 / static_cast<double>(values.size());
  }
  auto evaluated = mixture;
  expect(values, evaluated);
  mixture.log_likelihood = evaluated.log_likelihood;
  return mixture;
}

}  // namespace

std::size_t NormalMixture::lowest() const {
  return static_cast<std::size_t>(std::min_element(mean.begin(), mean.end()) - mean.begin());
}

std::size_t NormalMixture::highest() const {
  return static_cast<std::size_t>(std::max_element(mean.begin(), mean.end()) - mean.begin());
}

NormalMixture refine_normal_mixture(std::span<const double> values, std::vector<std::vector<double>> start,
                                    const NormalMixtureSettings& settings) {
  auto mixture = begun_with(std::move(start));
  maximise(values, settings.regularisation, mixture);
  double before = -std::numeric_limits<double>::infinity();
  while (mixture.iterations < settings.iterations) {
    ++mixture.iterations;
    expect(values, mixture);
    maximise(values, settings.regularisation, mixture);
    if (std::abs(mixture.log_likelihood - before) < settings.tolerance) break;
    before = mixture.log_likelihood;
  }
  expect(values, mixture);
  return mixture;
}

NormalMixture fit_normal_mixture(std::span<const double> values, std::size_t components,
                                 const NormalMixtureSettings& settings) {
  if (values.empty() || components == 0) throw std::invalid_argument("a mixture of no values, or of no components");
  for (const double value : values) {
    if (!std::isfinite(value)) throw NonFinite("a value to fit a mixture to is not finite");
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  auto distinct = sorted;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.size() < components) return step(values, distinct, components, settings.regularisation);
  return refine_normal_mixture(values, Lloyd(values, sorted, components).responsibilities(), settings);
}

}  // namespace assay::learn
