#include "learn/k_center.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "learn/registry.hpp"

namespace assay::learn {

namespace {

constexpr double kPicked = -std::numeric_limits<double>::infinity();

std::int64_t farthest(const torch::Tensor& nearest) {
  const double* distance = nearest.const_data_ptr<double>();
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < nearest.numel(); ++i) {
    if (std::isnan(distance[i])) throw NonFinite("a distance between features is NaN");
    if (distance[i] > distance[best]) best = i;
  }
  return best;
}

// cdist without its matrix product, which rounds small distances away.
torch::Tensor squared_distances_to(const torch::Tensor& rows, const torch::Tensor& row) {
  constexpr std::int64_t kNoProduct = 2;
  return torch::cdist(row.unsqueeze(0), rows, 2, kNoProduct).squeeze(0).square_();
}

}  // namespace

std::vector<std::int64_t> farthest_first(torch::Tensor nearest, const DistancesTo& distances_to, std::int64_t n,
                                         std::int64_t m, std::int64_t first) {
  std::vector<std::int64_t> picks;
  bool anchored = nearest.defined();
  nearest = anchored ? nearest.contiguous().clone()
                     : torch::full({n}, std::numeric_limits<double>::infinity(), torch::kFloat64);
  while (static_cast<std::int64_t>(picks.size()) < std::min(m, n)) {
    const auto pick = anchored ? farthest(nearest) : first;
    anchored = true;
    picks.push_back(pick);
    nearest = torch::minimum(nearest, distances_to(pick));
    nearest.data_ptr<double>()[pick] = kPicked;
  }
  return picks;
}

std::vector<std::int64_t> k_center(const torch::Tensor& candidates, const torch::Tensor& anchors, std::int64_t m,
                                   std::int64_t first) {
  const auto rows = candidates.detach().to(torch::kFloat64).contiguous();
  const auto fixed = anchors.detach().to(torch::kFloat64).contiguous();
  torch::Tensor nearest;
  for (std::int64_t a = 0; a < fixed.size(0); ++a) {
    const auto distance = squared_distances_to(rows, fixed[a]);
    nearest = nearest.defined() ? torch::minimum(nearest, distance) : distance;
  }
  return farthest_first(
      nearest, [&](std::int64_t j) { return squared_distances_to(rows, rows[j]); }, rows.size(0), m, first);
}

}  // namespace assay::learn
