// The gradient of cross-entropy in the last linear layer, as a description of an example (Ash et al., ICLR 2020):
// g(x) = (p - onehot(y)) outer z, never built: its distances factor.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace assay::learn {

struct GradientEmbedding {
  torch::Tensor error;     // float64 [n, classes]: onehot - p
  torch::Tensor features;  // float64 [n, d]
  torch::Tensor norm;      // float64 [n]: squared |g| = |error|^2 |features|^2

  GradientEmbedding rows(const torch::Tensor& index) const;  // int64 [m]
};

// At the labels `y` int64 [n], or at argmax p where `y` is undefined. `bias`: a feature 1 is appended.
GradientEmbedding gradient_embedding(const torch::Tensor& p, const torch::Tensor& z, const torch::Tensor& y = {},
                                     bool bias = false);

// Squared distances |g_i - h_j|^2, at least 0: float64 [n, m].
torch::Tensor squared_distances(const GradientEmbedding& g, const GradientEmbedding& h);
// Cosines: float64 [n, m]; 0 where a vector is 0.
torch::Tensor cosines(const GradientEmbedding& g, const GradientEmbedding& h);

}  // namespace assay::learn
