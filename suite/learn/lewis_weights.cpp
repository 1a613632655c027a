#include "learn/lewis_weights.hpp"

#include <limits>
#include <stdexcept>
#include <string>

namespace assay::learn {

namespace {

constexpr double kRankThreshold = 1e-8, kTolerance = 1e-6;
constexpr int kIterations = 1000;  // p = 0.1 needs 270, p = 1 or 3 needs 20

std::int64_t rank_of(const torch::Tensor& singular_values) {
  return singular_values.gt(kRankThreshold * singular_values.max()).sum().item<std::int64_t>();
}

// An orthonormal basis of the columns' span. Lewis weights do not change with the basis.
torch::Tensor basis(const torch::Tensor& a) {
  const auto [u, s, v] = torch::linalg_svd(a, /*full_matrices=*/false);
  return u.narrow(1, 0, rank_of(s));
}

// The right-hand side of the definition, by A' W^(1 - 2/p) A = R'R, which spares the square of the condition number.
torch::Tensor next_weights(const torch::Tensor& a, const torch::Tensor& w, double p) {
  const auto scaled = a * w.clamp_min(std::numeric_limits<double>::min()).pow(0.5 - 1 / p).unsqueeze(1);
  const auto r = std::get<1>(torch::linalg_qr(scaled, "r"));
  const auto rows = torch::linalg_solve_triangular(r, a, /*upper=*/true, /*left=*/false);
  return rows.square().sum(1).pow(p / 2);
}

torch::Tensor fixed_point(const torch::Tensor& a, double p) {
  auto w = torch::full({a.size(0)}, static_cast<double>(a.size(1)) / static_cast<double>(a.size(0)), a.options());
  for (int i = 0; i < kIterations; ++i) {
    auto next = next_weights(a, w, p);
    if (p > 2) next = (next * w).sqrt();  // or the weights would swing from side to side
    const double change = ((next - w).abs() / w.clamp_min(std::numeric_limits<double>::min())).max().item<double>();
    w = next;
    if (change < kTolerance) return w;
  }
  throw std::runtime_error("Lewis weights for p = " + std::to_string(p) + " do not converge");
}

}  // namespace

torch::Tensor lewis_weights(const torch::Tensor& a, double p) {
  if (!(p > 0 && p < 4)) throw std::invalid_argument("Lewis weights need 0 < p < 4");
  const auto rows = a.detach().to(torch::kFloat64);
  auto weights = torch::zeros({rows.size(0)}, rows.options());
  const auto present = rows.ne(0).any(1).nonzero().squeeze(1);  // rows of zeros weigh nothing
  if (present.numel() == 0) return weights;
  const auto q = basis(rows.index_select(0, present));
  return weights.index_copy(0, present, p == 2 ? q.square().sum(1) : fixed_point(q, p));
}

std::int64_t numerical_rank(const torch::Tensor& a) {
  if (a.numel() == 0) return 0;
  return rank_of(torch::linalg_svdvals(a.detach().to(torch::kFloat64)));
}

}  // namespace assay::learn
