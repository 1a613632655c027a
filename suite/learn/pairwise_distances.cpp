#include "learn/pairwise_distances.hpp"

namespace assay::learn {

torch::Tensor pairwise_distances(const torch::Tensor& x) {
  constexpr double kSmallest = 1e-12;  // the root's gradient stays finite
  const auto products = torch::bmm(x, x.transpose(1, 2));
  const auto squares = products.diagonal(0, 1, 2);
  const auto squared = squares.unsqueeze(2) + squares.unsqueeze(1) - 2 * products;
  return squared.clamp_min(kSmallest).sqrt() * (1 - torch::eye(x.size(1), x.options()));
}

namespace {

// pairs: 1 where both are members and differ, else 0.
torch::Tensor scaled(const torch::Tensor& distances, const torch::Tensor& pairs, DistanceScale scale) {
  const auto counted = distances * pairs;
  if (scale == DistanceScale::kNone) return counted;
  const auto total = [&](const torch::Tensor& values) {
    return scale == DistanceScale::kGroup ? values.sum({1, 2}, /*keepdim=*/true) : values.sum();
  };
  const auto mean = total(counted) / total(pairs).clamp_min(1);
  return counted / torch::where(mean > 0, mean, torch::ones_like(mean));  // no pairs: nothing to divide
}

}  // namespace

torch::Tensor distance_losses(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& members,
                              DistanceScale scale) {
  const auto in = members.to(student.scalar_type());
  const auto pairs = in.unsqueeze(2) * in.unsqueeze(1) * (1 - torch::eye(in.size(1), in.options()));
  return torch::smooth_l1_loss(scaled(pairwise_distances(student), pairs, scale),
                               scaled(pairwise_distances(teacher), pairs, scale), torch::Reduction::None)
      .sum({1, 2});
}

}  // namespace assay::learn
