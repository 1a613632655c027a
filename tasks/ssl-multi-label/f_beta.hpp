// Metric-adaptive thresholds of D2L-MAT: for each class the threshold whose F_beta on the labelled data is best.
#pragma once

#include <torch/torch.h>

#include <string>

#include "core/strict_json.hpp"

namespace assay::ssl_multi_label {

struct FBeta {
  double beta = 0.5;
  bool as_in_code =
      false;  // beta instead of its square in the denominator, which makes it F of sqrt(beta) but for a factor

  explicit FBeta(double of, bool code = false) : beta(of), as_in_code(code) {}
  explicit FBeta(StrictObject& card)  // the parameters "beta" and "fbeta"
      : beta(card.real("beta")), as_in_code(card.choice("fbeta", {"correct", "code"}) == "code") {}

  // (1 + beta^2) P R / (beta^2 P + R); 0 without a hit. Elementwise, numbers of pairs.
  torch::Tensor operator()(const torch::Tensor& hit, const torch::Tensor& predicted,
                           const torch::Tensor& positive) const;
};

// float [classes]: of th = 0, .01, .., .99 the first with the largest F of [q >= th]; 1.01, which no probability
// reaches, for a class without positives. q: [n, classes]; y: 1, 0 or unknown, which is left out.
torch::Tensor best_thresholds(const torch::Tensor& q, const torch::Tensor& y, const FBeta& f);

}  // namespace assay::ssl_multi_label
