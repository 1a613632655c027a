#include "learn/neighbours.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <span>

#include "learn/ranking.hpp"

namespace assay::learn {

namespace {

constexpr std::int64_t kBlock = 1 << 22;  // distances held at a time

// Calls `use(from, rows)` for blocks of `rows` that need at most kBlock distances to `others` rows.
void in_blocks(const torch::Tensor& rows, std::int64_t others,
               const std::function<void(std::int64_t, const torch::Tensor&)>& use) {
  const auto block = std::max<std::int64_t>(1, kBlock / std::max<std::int64_t>(1, others));
  for (std::int64_t from = 0; from < rows.size(0); from += block) {
    use(from, rows.narrow(0, from, std::min(block, rows.size(0) - from)));
  }
}

std::span<const double> row_of(const torch::Tensor& matrix, std::int64_t row) {
  const auto width = matrix.size(1);
  return {matrix.const_data_ptr<double>() + row * width, static_cast<std::size_t>(width)};
}

}  // namespace

torch::Tensor normalised(const torch::Tensor& rows) {
  const auto values = rows.detach().to(torch::kFloat64);
  const auto length = values.norm(2, 1, /*keepdim=*/true);
  return values / length.masked_fill(length.eq(0), 1);
}

torch::Tensor largest_cosine(const torch::Tensor& a, const torch::Tensor& b) {
  const auto directions = normalised(b).t();
  const auto largest = torch::empty({a.size(0)}, torch::kFloat64);
  in_blocks(normalised(a), b.size(0), [&](std::int64_t from, const torch::Tensor& rows) {
    largest.narrow(0, from, rows.size(0)).copy_(torch::matmul(rows, directions).amax(1));
  });
  return largest;
}

torch::Tensor reverse_neighbour_votes(const torch::Tensor& candidates, const torch::Tensor& voters,
                                      const torch::Tensor& voter_labels, std::int64_t labels, std::int64_t k) {
  const auto votes = torch::zeros({candidates.size(0), labels}, torch::kFloat64);
  const auto directions = normalised(candidates).t();
  const auto label = voter_labels.to(torch::kInt64).contiguous();
  in_blocks(normalised(voters), candidates.size(0), [&](std::int64_t from, const torch::Tensor& rows) {
    const auto similarity = torch::matmul(rows, directions).contiguous();
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const auto of = label.const_data_ptr<std::int64_t>()[from + i];
      for (const auto nearest : top(row_of(similarity, i), static_cast<std::size_t>(k))) {
        votes.data_ptr<double>()[nearest * labels + of] += 1;
      }
    }
  });
  return votes;
}

NearestRows nearest_by_l1(const torch::Tensor& rows, std::int64_t k) {
  const auto values = rows.detach().to(torch::kFloat32).contiguous();
  const auto n = values.size(0);
  k = std::max<std::int64_t>(0, std::min(k, n - 1));
  NearestRows nearest{torch::empty({n, k}, torch::kInt64), torch::empty({n, k}, torch::kFloat32)};
  in_blocks(values, n, [&](std::int64_t from, const torch::Tensor& block) {
    const auto closeness = (-torch::cdist(block, values, 1)).to(torch::kFloat64).contiguous();
    for (std::int64_t i = 0; i < block.size(0); ++i) {
      closeness.data_ptr<double>()[i * n + from + i] = -std::numeric_limits<double>::infinity();  // itself
      auto place = (from + i) * k;
      for (const auto other : top(row_of(closeness, i), static_cast<std::size_t>(k))) {
        nearest.index.data_ptr<std::int64_t>()[place] = other;
        nearest.distance.data_ptr<float>()[place++] =
            static_cast<float>(-row_of(closeness, i)[static_cast<std::size_t>(other)]);
      }
    }
  });
  return nearest;
}

}  // namespace assay::learn
