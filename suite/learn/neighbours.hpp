// Nearest neighbours among features, in blocks, so that no full distance matrix is held.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace assay::learn {

torch::Tensor normalised(const torch::Tensor& rows);  // rows / |row|; zero rows stay zero

// Per row of a [n, d], the largest cosine with any row of b [m, d]: float64 [n]. b has at least one row.
torch::Tensor largest_cosine(const torch::Tensor& a, const torch::Tensor& b);

// Reverse k-nearest votes: each voter gives one vote for its label to its min(k, n) most similar candidates by cosine
// (ties: smaller row). Returns float64 [n, labels]. voters [m, d], labels int64 [m] below `labels`.
torch::Tensor reverse_neighbour_votes(const torch::Tensor& candidates, const torch::Tensor& voters,
                                      const torch::Tensor& voter_labels, std::int64_t labels, std::int64_t k);

// The k nearest other rows by L1 distance (all, where there are fewer): indices int64 [n, k], distances float32 [n, k],
// nearest first, ties by index.
struct NearestRows {
  torch::Tensor index, distance;
};
NearestRows nearest_by_l1(const torch::Tensor& rows, std::int64_t k);

}  // namespace assay::learn
