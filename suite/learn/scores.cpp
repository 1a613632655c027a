#include "learn/scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace assay::learn {

double percent_equal(const torch::Tensor& a, const torch::Tensor& b) {
  return 100 * a.eq(b).to(torch::kFloat64).mean().item<double>();
}

double calibration_error(const torch::Tensor& probabilities, const torch::Tensor& labels, std::int64_t bins) {
  const auto [confidence, predicted] = probabilities.to(torch::kFloat64).max(1);
  const auto right = predicted.eq(labels).to(torch::kFloat64).contiguous();
  const auto sure = confidence.contiguous();
  std::vector<double> gap(static_cast<std::size_t>(bins), 0);
  for (std::int64_t i = 0; i < sure.numel(); ++i) {
    const double value = sure.data_ptr<double>()[i];
    const auto bin =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(value * static_cast<double>(bins)), 0, bins - 1);
    gap[static_cast<std::size_t>(bin)] += right.data_ptr<double>()[i] - value;
  }
  double sum = 0;
  for (const double value : gap) sum += std::abs(value);
  return sum / static_cast<double>(sure.numel());
}

double roc_area(const torch::Tensor& score, const torch::Tensor& positive) {
  const auto value = score.to(torch::kFloat64).contiguous();
  const auto is_positive = positive.to(torch::kBool).contiguous();
  std::vector<std::pair<double, bool>> order;
  for (std::int64_t i = 0; i < value.numel(); ++i) {
    order.emplace_back(value.data_ptr<double>()[i], is_positive.data_ptr<bool>()[i]);
  }
  std::sort(order.begin(), order.end());
  double below = 0, pairs_won = 0;  // negatives with a smaller score so far
  double positives = 0;
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    double tied_positives = 0, tied_negatives = 0;
    for (; to < order.size() && order[to].first == order[from].first; ++to) {
      (order[to].second ? tied_positives : tied_negatives) += 1;
    }
    pairs_won += tied_positives * (below + tied_negatives / 2);
    below += tied_negatives;
    positives += tied_positives;
    from = to;
  }
  if (positives == 0 || below == 0) return std::numeric_limits<double>::quiet_NaN();
  return pairs_won / (positives * below);
}

}  // namespace assay::learn
