// Scores of how unsure a classifier is, from logits or probabilities float64 [n, classes] to float64 [n].
#pragma once

#include <torch/torch.h>

namespace assay::learn {

torch::Tensor entropy(const torch::Tensor& p);             // -sum p log p, 0 log 0 = 0
torch::Tensor least_confidence(const torch::Tensor& p);    // 1 - max p
torch::Tensor margin_uncertainty(const torch::Tensor& p);  // 1 - (largest - second largest); one class: 0

// -log sum exp of the logits (Liu et al., NeurIPS 2020, temperature 1).
torch::Tensor energy(const torch::Tensor& logits);
// The same without each row's largest logit; at least two classes.
torch::Tensor energy_without_top(const torch::Tensor& logits);

// Kullback-Leibler and Jensen-Shannon divergences of rows, natural logarithm, 0 log 0 = 0. JS lies in [0, log 2].
torch::Tensor kl_divergence(const torch::Tensor& p, const torch::Tensor& q);
torch::Tensor js_divergence(const torch::Tensor& p, const torch::Tensor& q);

}  // namespace assay::learn
