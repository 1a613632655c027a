#include "learn/uncertainty.hpp"

#include <limits>
#include <numbers>
#include <tuple>

namespace assay::learn {

torch::Tensor entropy(const torch::Tensor& p) { return -torch::xlogy(p, p).sum(1); }

torch::Tensor least_confidence(const torch::Tensor& p) { return 1 - p.amax(1); }

torch::Tensor margin_uncertainty(const torch::Tensor& p) {
  if (p.size(1) == 1) return torch::zeros({p.size(0)}, p.options());
  const auto largest = std::get<0>(p.topk(2, 1));  // values only: ties cannot matter
  return 1 - (largest.select(1, 0) - largest.select(1, 1));
}

torch::Tensor energy(const torch::Tensor& logits) { return -logits.logsumexp(1); }

torch::Tensor energy_without_top(const torch::Tensor& logits) {
  constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
  return energy(logits.scatter(1, logits.argmax(1, /*keepdim=*/true), kMinusInfinity));
}

// Not sum p log(p / q): 0 / 0 is not a number. The difference may be rounded to just below 0.
torch::Tensor kl_divergence(const torch::Tensor& p, const torch::Tensor& q) {
  return (torch::xlogy(p, p) - torch::xlogy(p, q)).sum(1).clamp_min(0);
}

torch::Tensor js_divergence(const torch::Tensor& p, const torch::Tensor& q) {
  const auto middle = (p + q) / 2;
  return ((kl_divergence(p, middle) + kl_divergence(q, middle)) / 2).clamp_max(std::numbers::ln2);
}

}  // namespace assay::learn
