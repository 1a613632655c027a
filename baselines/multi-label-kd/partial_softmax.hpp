// What `ps` and `dkd` share: for a positive k of an image, the softmax over {k} and all negatives of the image, split
// into "k or a negative" and "which negative", as DKD splits the softmax at its one target class.
#pragma once

#include <limits>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

// With n = logsumexp of z / tau over the image's negatives: p_k = sigmoid(z_k / tau - n), q = softmax over them.
struct PartialSoftmax {
  torch::Tensor counted;    // [B, C]: 1 for positives of images that have negatives, else 0
  torch::Tensor target;     // [B, C]: KL(Ber(p^T_k) || Ber(p^S_k)); where counted
  torch::Tensor negatives;  // [B, 1]: KL(q^T || q^S)
  torch::Tensor p;          // [B, C]: p^T_k
};

inline PartialSoftmax partial_softmax(const torch::Tensor& student, const torch::Tensor& teacher,
                                      const torch::Tensor& y, double tau) {
  const auto negative = y.eq(0), has_negatives = negative.any(1, /*keepdim=*/true);
  // Images without negatives get all labels for negatives: finite numbers, which are not counted.
  const auto others = negative.logical_or(has_negatives.logical_not()).logical_not();
  const auto s = student / tau, t = teacher / tau;
  const auto of_negatives = [&](const torch::Tensor& z) {
    return z.masked_fill(others, -std::numeric_limits<double>::infinity());
  };
  const auto n_s = of_negatives(s).logsumexp(1, /*keepdim=*/true), n_t = of_negatives(t).logsumexp(1, true);
  const auto q = of_negatives(t).softmax(1);
  return {.counted = y.eq(1).logical_and(has_negatives).to(s.scalar_type()),
          .target = bkl(t - n_t, s - n_s),
          .negatives = (q * (t - s)).sum(1, /*keepdim=*/true) - n_t + n_s,
          .p = (t - n_t).sigmoid()};
}

// tau^2 (1/B) sum over counted positives of alpha * target + beta * negatives.
inline torch::Tensor partial_softmax_loss(const PartialSoftmax& parts, double alpha, const torch::Tensor& beta,
                                          double tau) {
  const auto losses = parts.counted * (alpha * parts.target + beta * parts.negatives);
  return tau * tau * losses.sum() / losses.size(0);
}

}  // namespace assay::multi_label_kd
