// Evidential classification: logits as the parameters of a Dirichlet distribution over class probabilities.
#pragma once

#include <torch/torch.h>

#include "learn/network.hpp"

namespace assay::learn {

// alpha = exp(clamp(logits, -10, 10)) / gamma + 1; differentiable. [n, classes]
torch::Tensor dirichlet(const torch::Tensor& logits, double gamma = 1);

// Type-II likelihood log S - log alpha_y per row, S = sum alpha (Sensoy et al., NeurIPS 2018, Eq. 3 with its logarithm).
torch::Tensor evidential_nll(const torch::Tensor& alpha, const torch::Tensor& y);

// KL(Dir(alpha) || Dir(1, ..., 1)) per row.
torch::Tensor dirichlet_kl(const torch::Tensor& alpha);
// The same with the evidence of the true class removed: alpha~ = y + (1 - y) alpha.
torch::Tensor misleading_kl(const torch::Tensor& alpha, const torch::Tensor& y);

struct DirichletUncertainty {
  torch::Tensor total, data, distribution;  // [n] each: total = data (aleatoric) + distribution (epistemic)
};
// H(alpha / S); sum alpha_c / S (digamma(S + 1) - digamma(alpha_c + 1)); their difference. Computed in float64.
DirichletUncertainty dirichlet_uncertainty(const torch::Tensor& alpha);

}  // namespace assay::learn
