#include "learn/evidential.hpp"

#include <cmath>

#include "learn/uncertainty.hpp"

namespace assay::learn {

torch::Tensor dirichlet(const torch::Tensor& logits, double gamma) {
  constexpr double kLargest = 10;
  return logits.clamp(-kLargest, kLargest).exp() / gamma + 1;
}

torch::Tensor evidential_nll(const torch::Tensor& alpha, const torch::Tensor& y) {
  return alpha.sum(1).log() - alpha.gather(1, y.unsqueeze(1)).squeeze(1).log();
}

// In double: the large logarithms of gamma functions cancel, which would leave two digits in single precision.
torch::Tensor dirichlet_kl(const torch::Tensor& alpha) {
  const auto a = alpha.to(torch::kFloat64);
  const auto sum = a.sum(1, /*keepdim=*/true);
  const auto normalisers = sum.squeeze(1).lgamma() - std::lgamma(static_cast<double>(a.size(1))) - a.lgamma().sum(1);
  return (normalisers + ((a - 1) * (a.digamma() - sum.digamma())).sum(1)).to(alpha.scalar_type());
}

torch::Tensor misleading_kl(const torch::Tensor& alpha, const torch::Tensor& y) {
  const auto right = torch::one_hot(y, alpha.size(1)).to(alpha.scalar_type());
  return dirichlet_kl(right + (1 - right) * alpha);
}

DirichletUncertainty dirichlet_uncertainty(const torch::Tensor& alpha) {
  const auto a = alpha.to(torch::kFloat64);
  const auto sum = a.sum(1, /*keepdim=*/true);
  const auto expected = a / sum;
  const auto total = entropy(expected);
  const auto data = (expected * ((sum + 1).digamma() - (a + 1).digamma())).sum(1);
  return {total, data, total - data};
}

}  // namespace assay::learn
