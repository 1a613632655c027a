#include "learn/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "learn/registry.hpp"

namespace assay::learn {

std::vector<std::int64_t> top(std::span<const double> score, std::size_t m) {
  for (const double value : score) {
    if (std::isnan(value)) throw NonFinite("a score to rank by is NaN");
  }
  std::vector<std::int64_t> order(score.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  m = std::min(m, score.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(m), order.end(), [&](auto a, auto b) {
    const double of_a = score[static_cast<std::size_t>(a)], of_b = score[static_cast<std::size_t>(b)];
    return of_a > of_b || (of_a == of_b && a < b);
  });
  order.resize(m);
  return order;
}

std::vector<double> minmax(std::span<const double> values) {
  std::vector<double> scaled(values.size(), 0);
  if (values.empty()) return scaled;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low == *high) return scaled;
  for (std::size_t i = 0; i < values.size(); ++i) scaled[i] = (values[i] - *low) / (*high - *low);
  return scaled;
}

std::vector<std::int64_t> draw(std::vector<std::int64_t> from, std::size_t m, Stream& stream) {
  m = std::min(m, from.size());
  for (std::size_t i = 0; i < m; ++i) std::swap(from[i], from[i + stream.below(from.size() - i)]);
  from.resize(m);
  return from;
}

std::size_t draw_weighted(std::span<const double> weights, Stream& stream) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0) || std::isinf(sum)) throw std::invalid_argument("weights to draw by need a positive, finite sum");
  const double at = stream.uniform() * sum;
  double below = 0;
  std::size_t last = 0;  // where rounding leaves `at` at the sum
  for (std::size_t i = 0; i < weights.size(); ++i) {
    below += weights[i];
    if (at < below) return i;
    if (weights[i] > 0) last = i;
  }
  return last;
}

std::vector<std::int64_t> class_quotas(std::span<const std::int64_t> sizes, std::int64_t total) {
  if (sizes.empty()) return {};
  std::vector<std::size_t> largest_first(sizes.size());
  std::iota(largest_first.begin(), largest_first.end(), std::size_t{0});
  std::stable_sort(largest_first.begin(), largest_first.end(), [&](auto a, auto b) { return sizes[a] > sizes[b]; });

  const auto classes = static_cast<std::int64_t>(sizes.size());
  std::vector<std::int64_t> quota(sizes.size(), total / classes);
  for (std::int64_t i = 0; i < total % classes; ++i) ++quota[largest_first[static_cast<std::size_t>(i)]];
  std::int64_t left = 0;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    left += std::max<std::int64_t>(quota[c] - sizes[c], 0);
    quota[c] = std::min(quota[c], sizes[c]);
  }
  left = std::min(left, std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) -
                            std::accumulate(quota.begin(), quota.end(), std::int64_t{0}));
  while (left > 0) {
    for (const std::size_t c : largest_first) {
      if (left == 0) break;
      if (quota[c] < sizes[c]) ++quota[c], --left;
    }
  }
  return quota;
}

}  // namespace assay::learn
