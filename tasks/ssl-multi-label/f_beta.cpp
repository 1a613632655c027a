#include "ssl-multi-label/f_beta.hpp"

#include "multi-label-kd/labelled_data.hpp"

namespace assay::ssl_multi_label {

torch::Tensor FBeta::operator()(const torch::Tensor& hit, const torch::Tensor& predicted,
                                const torch::Tensor& positive) const {
  const auto precision = hit / predicted.clamp_min(1), recall = hit / positive.clamp_min(1);
  const double weight = as_in_code ? beta : beta * beta;
  const auto f = (1 + beta * beta) * precision * recall / (weight * precision + recall);
  return torch::where(hit.gt(0), f, torch::zeros_like(f));
}

torch::Tensor best_thresholds(const torch::Tensor& q, const torch::Tensor& y, const FBeta& f) {
  constexpr int kSteps = 100;
  const auto known = y.ne(multi_label::kUnknown), yes = y.eq(1);
  const auto count = [](const torch::Tensor& pairs) { return pairs.to(torch::kFloat64).sum(0); };
  const auto positive = count(yes);
  auto best = torch::full({q.size(1)}, -1.0, torch::kFloat64), thresholds = torch::zeros({q.size(1)});
  for (int step = 0; step < kSteps; ++step) {
    const float threshold = static_cast<float>(step) / kSteps;
    const auto given = q.ge(threshold);
    const auto score = f(count(given.logical_and(yes)), count(given.logical_and(known)), positive);
    thresholds = torch::where(score.gt(best), torch::full_like(thresholds, threshold), thresholds);
    best = torch::maximum(best, score);
  }
  return torch::where(positive.gt(0), thresholds, torch::full_like(thresholds, 1.01));
}

}  // namespace assay::ssl_multi_label
