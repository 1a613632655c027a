// Lewis weights: how much single rows matter to l_p regression.
#pragma once

#include <torch/torch.h>

namespace assay::learn {

// w_i = (a_i' (A' W^(1 - 2/p) A)^-1 a_i)^(p/2) of the rows of A [n, d], float64 [n]. p = 2: leverage scores. 0 < p < 4
// (std::invalid_argument otherwise): fixed-point iteration to a relative change of 1e-6 (Cohen and Peng, STOC 2015),
// damped for p > 2. Directions below 1e-8 of the largest singular value are dropped; sum w = rank.
torch::Tensor lewis_weights(const torch::Tensor& a, double p = 2);

std::int64_t numerical_rank(const torch::Tensor& a);  // by the same threshold

}  // namespace assay::learn
