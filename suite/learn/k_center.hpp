// Farthest-first traversal: the greedy 2-approximation of the k-center problem (Gonzalez, 1985), which active learning
// calls core-set selection (Sener and Savarese, ICLR 2018, Algorithm 1).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace assay::learn {

// Squared distances of all n candidates to candidate j: float64 [n].
using DistancesTo = std::function<torch::Tensor(std::int64_t j)>;

// m rows (all, where there are fewer), each the one farthest from the anchors and the rows picked before; ties go to
// the smaller row. `nearest`: float64 [n], squared distance of each candidate to its nearest anchor; undefined: there
// are no anchors, and `first` is picked first.
std::vector<std::int64_t> farthest_first(torch::Tensor nearest, const DistancesTo& distances_to, std::int64_t n,
                                         std::int64_t m, std::int64_t first = 0);

// The same for feature rows, Euclidean: candidates [n, d], anchors [a, d] (a may be 0, then `first` begins).
std::vector<std::int64_t> k_center(const torch::Tensor& candidates, const torch::Tensor& anchors, std::int64_t m,
                                   std::int64_t first = 0);

}  // namespace assay::learn
