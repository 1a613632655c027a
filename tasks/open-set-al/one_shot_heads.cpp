#include "open-set-al/one_shot_heads.hpp"

#include <numeric>

#include "learn/registry.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

namespace {

torch::Tensor targets_of(const torch::Tensor& labels, std::int64_t classes) {
  return torch::one_hot(labels, classes).to(torch::kFloat64);
}

}  // namespace

torch::Tensor weighted_ridge(const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& w, double ridge) {
  const auto weighted = (x * w.unsqueeze(1)).t();
  const auto gram = weighted.matmul(x) + ridge * torch::eye(x.size(1), torch::kFloat64);
  return torch::cholesky_solve(weighted.matmul(y), torch::linalg_cholesky(gram));
}

HeadScores fit_heads(const OneShotProblem& problem, const std::vector<OneShotModel>& models, const WeightedRows& rows) {
  const auto at = rows_of(rows.ids), test_labels = torch::tensor(problem.test_labels, torch::kInt64);
  const auto y = targets_of(torch::tensor(problem.labels, torch::kInt64).index_select(0, at), problem.classes);
  const auto w = torch::tensor(rows.weights, torch::kFloat64);
  const auto target = targets_of(test_labels, problem.classes);
  const auto count = static_cast<double>(models.size());

  HeadScores scores;
  auto right = torch::zeros({test_labels.size(0)}, torch::kFloat64);
  for (const auto& model : models) {
    const auto theta =
        weighted_ridge(model.features.index_select(0, at).to(torch::kFloat64), y, w, problem.budget.ridge);
    const auto output = model.test.to(torch::kFloat64).matmul(theta);
    if (!output.isfinite().all().item<bool>()) throw NonFinite("an output of a head is not a finite number");
    scores.outputs.push_back(output);
    right += output.argmax(1).eq(test_labels);
    scores.mse += (output - target).square().mean().item<double>() / count;
  }
  scores.right = values_of(right * (100 / count));
  scores.accuracy =
      std::accumulate(scores.right.begin(), scores.right.end(), 0.0) / static_cast<double>(scores.right.size());
  return scores;
}

}  // namespace assay::open_set_al
