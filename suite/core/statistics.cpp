#include "core/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/hash.hpp"
#include "core/streams.hpp"

namespace assay {

namespace bm = boost::math;

namespace {

// Beyond this many degrees of freedom t and normal agree to six digits.
constexpr double kNormalFrom = 1e6;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of equal values it is 0 exactly, although their mean may have been rounded.
double variance_of(std::span<const double> values, double mean) {
  if (std::all_of(values.begin(), values.end(), [&](double value) { return value == values[0]; })) return 0;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

// The 97.5 % quantile of t. The pairs of a table share their freedom, and a quantile costs more than the rest of a
// comparison.
double two_sided_quantile(double freedom) {
  thread_local double last_freedom = 0, last_quantile = 0;
  if (freedom != last_freedom) last_freedom = freedom, last_quantile = t_quantile(0.975, freedom);
  return last_quantile;
}

// x with trigamma(x) = y, by Newton's method on 1/trigamma, which is nearly linear (Smyth 2004, appendix).
double trigamma_inverse(double y) {
  double x = 0.5 + 1 / y;
  for (int step = 0; step < 50; ++step) {
    const double tri = bm::trigamma(x);
    const double change = tri * (1 - tri / y) / bm::polygamma(2, x);
    x += change;
    if (-change / x < 1e-8) break;
  }
  return x;
}

}  // namespace

double t_quantile(double p, double freedom) {
  if (freedom > kNormalFrom) return bm::quantile(bm::normal(), p);
  return bm::quantile(bm::students_t(freedom), p);
}

double t_two_sided(double t, double freedom) {
  if (std::isinf(t)) return 0;
  if (freedom > kNormalFrom) return 2 * bm::cdf(bm::complement(bm::normal(), std::abs(t)));
  return 2 * bm::cdf(bm::complement(bm::students_t(freedom), std::abs(t)));
}

Summary summarise(std::span<const double> values) {
  Summary summary{values.size(), 0, 0, std::nullopt};
  if (values.empty()) return summary;
  summary.mean = mean_of(values);
  if (values.size() < 2) return summary;
  const auto n = static_cast<double>(values.size());
  summary.sd = std::sqrt(variance_of(values, summary.mean));
  const double half = t_quantile(0.975, n - 1) * summary.sd / std::sqrt(n);
  summary.interval = Interval{summary.mean - half, summary.mean + half};
  return summary;
}

ExampleNoise example_noise(std::span<const double> values) {
  if (values.size() < 2) return {0, values.size()};
  return {variance_of(values, mean_of(values)) / static_cast<double>(values.size()), values.size()};
}

PairedDifference paired_difference(std::span<const double> differences, ExampleNoise examples, bool deterministic) {
  PairedDifference pair;
  pair.n = differences.size();
  pair.examples = examples;
  pair.deterministic = deterministic;
  if (differences.empty()) return pair;
  pair.mean = mean_of(differences);
  if (pair.n > 1) pair.seed_variance = variance_of(differences, pair.mean);
  return pair;
}

VariancePrior fit_variance_prior(std::span<const PairedDifference> pairs, double freedom_cap) {
  // log s^2 of a pair has mean log s0^2 - digamma(d0/2) + log(d0/2) + digamma(d/2) - log(d/2), and variance
  // trigamma(d/2) + trigamma(d0/2), with d = n - 1 (Smyth 2004, section 6.2). Zero variances say nothing about the
  // scale.
  std::vector<double> centred, variances;
  double sampling = 0;
  for (const auto& pair : pairs) {
    if (pair.n < 2 || pair.seed_variance <= 0 || pair.deterministic) continue;
    const double half = static_cast<double>(pair.n - 1) / 2;
    centred.push_back(std::log(pair.seed_variance) - bm::digamma(half) + std::log(half));
    variances.push_back(pair.seed_variance);
    sampling += bm::trigamma(half);
  }
  if (centred.size() < 3) return {0, 0, std::numeric_limits<double>::infinity()};
  const double centre = mean_of(centred);
  const double excess = variance_of(centred, centre) - sampling / static_cast<double>(centred.size());
  if (excess <= 1e-9) return {mean_of(variances), freedom_cap, freedom_cap};
  const double freedom = 2 * trigamma_inverse(excess);
  return {std::exp(centre + bm::digamma(freedom / 2) - std::log(freedom / 2)), freedom, freedom_cap};
}

namespace {

// Freedom of a sum of two estimated variances (Welch 1938, Satterthwaite 1946).
double joint_freedom(double first, double first_freedom, double second, double second_freedom) {
  if (second <= 0 || second_freedom <= 0) return first_freedom;
  if (first <= 0) return second_freedom;
  const double sum = first + second;
  return sum * sum / (first * first / first_freedom + second * second / second_freedom);
}

// Whether there is a test, and its standard error and freedom.
bool set_noise(Comparison& result, const PairedDifference& pair, const VariancePrior& prior) {
  const double n = static_cast<double>(pair.n), own = n - 1;
  const double example_freedom = static_cast<double>(pair.examples.examples) - 1;
  if (pair.deterministic && pair.seed_variance == 0) {  // S7
    if (pair.examples.examples < 2) return false;
    result.examples = pair.examples.examples;
    result.freedom = example_freedom;
    result.standard_error = std::sqrt(pair.examples.variance);
    return true;
  }
  if (pair.n < 2) return false;  // S5
  const double moderated = (own * pair.seed_variance + prior.freedom * prior.variance) / (own + prior.freedom);
  const double seeds = std::max(pair.seed_variance, moderated) / n;  // S3
  const double seed_freedom = std::max(own, std::min(own + prior.freedom, prior.freedom_cap));
  result.freedom = joint_freedom(seeds, seed_freedom, pair.examples.variance, example_freedom);
  result.standard_error = std::sqrt(seeds + pair.examples.variance);  // S1
  return true;
}

}  // namespace

Comparison compare(const PairedDifference& pair, const VariancePrior& prior) {
  Comparison result;
  result.difference = pair.mean;
  result.n = pair.n;
  if (!set_noise(result, pair, pair.deterministic ? VariancePrior{} : prior)) return result;
  const double half = two_sided_quantile(result.freedom) * result.standard_error;
  result.interval = Interval{pair.mean - half, pair.mean + half};
  if (pair.mean != 0) result.p = t_two_sided(pair.mean / result.standard_error, result.freedom);
  return result;
}

Interval example_interval(double score, const ExampleNoise& noise) {
  const double half = two_sided_quantile(static_cast<double>(noise.examples) - 1) * std::sqrt(noise.variance);
  return {score - half, score + half};
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t step = 0; step < order.size(); ++step) {
    largest = std::max(largest, p[order[step]] * static_cast<double>(p.size() - step));
    adjusted[order[step]] = std::min(1.0, largest);
  }
  return adjusted;
}

std::vector<RankRange> rank_ranges(std::size_t methods, std::span<const Separation> separations) {
  std::vector<RankRange> ranges(methods, RankRange{1, methods});
  for (const auto& [winner, loser] : separations) {
    ++ranges[loser].best;
    --ranges[winner].worst;
  }
  return ranges;
}

double median(std::vector<double> values) {
  if (values.empty()) return kNaN;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

namespace {

// Value i of n in order covers [i, i+1); its weight is the part of that inside [n/4, 3n/4).
double iqm_in_place(std::vector<double>& values) {
  if (values.empty()) return kNaN;
  const double n = static_cast<double>(values.size()), low = n / 4, high = 3 * n / 4;
  const auto first = static_cast<std::size_t>(low), last = static_cast<std::size_t>(std::ceil(high));
  const auto at = [&](std::size_t index) { return values.begin() + static_cast<std::ptrdiff_t>(index); };
  if (last < values.size()) std::nth_element(values.begin(), at(last), values.end());
  std::nth_element(values.begin(), at(first), at(last));
  if (last - first > 1) std::nth_element(at(first) + 1, at(last) - 1, at(last));
  double sum = 0;
  for (std::size_t i = first; i < last; ++i) {
    const double begin = std::max(low, static_cast<double>(i)), end = std::min(high, static_cast<double>(i + 1));
    sum += values[i] * (end - begin);
  }
  return sum / (high - low);
}

}  // namespace

double interquartile_mean(std::vector<double> values) { return iqm_in_place(values); }

Aggregate stratified_iqm(const std::vector<std::vector<double>>& strata, std::uint64_t seed, std::size_t draws) {
  std::vector<double> all;
  for (const auto& stratum : strata) all.insert(all.end(), stratum.begin(), stratum.end());
  Aggregate result{interquartile_mean(all), {}};
  Stream stream(seed);
  std::vector<double> values(draws);
  for (auto& value : values) {
    auto next = all.begin();
    for (const auto& stratum : strata) {
      for (std::size_t i = 0; i < stratum.size(); ++i) {
        *next++ = stratum[static_cast<std::size_t>(stream.uniform() * static_cast<double>(stratum.size()))];
      }
    }
    value = iqm_in_place(all);
  }
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(draws - 1)))];
  };
  result.interval = {at(0.025), at(0.975)};
  return result;
}

std::uint64_t bootstrap_seed(const std::vector<std::string>& keys) {
  Sha256 hash;
  for (const auto& key : keys) hash.update(key).update("\n");
  return std::stoull(hash.hex().substr(0, 16), nullptr, 16);
}

}  // namespace assay
