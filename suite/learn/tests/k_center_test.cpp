#include "learn/k_center.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/streams.hpp"
#include "learn/registry.hpp"

namespace assay::learn {
namespace {

using Ids = std::vector<std::int64_t>;

torch::Tensor column(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64).unsqueeze(1); }

torch::Tensor normal_rows(std::int64_t n, std::int64_t d, Stream& stream) {
  auto rows = torch::empty({n, d}, torch::kFloat64);
  for (std::int64_t i = 0; i < n * d; ++i) rows.data_ptr<double>()[i] = stream.normal();
  return rows;
}

TEST(KCenter, PicksTheFarthestAndOfEqualsTheFirst) {
  EXPECT_EQ(k_center(column({1, 3, 7, 10}), column({0}), 4), (Ids{3, 1, 2, 0}));
}

TEST(KCenter, BeginsWhereItIsToldWithoutAnchors) {
  EXPECT_EQ(k_center(column({1, 3, 7, 10}), torch::empty({0, 1}), 3, 1), (Ids{1, 3, 2}));
}

TEST(KCenter, PicksNoneTwiceAndAllWhereThereAreFewer) {
  EXPECT_EQ(k_center(column({5, 5, 5}), column({5}), 9), (Ids{0, 1, 2}));
  EXPECT_TRUE(k_center(column({1, 2}), column({0}), 0).empty());
  EXPECT_TRUE(k_center(torch::empty({0, 1}), column({0}), 2).empty());
}

TEST(KCenter, TakesSinglePrecision) {
  EXPECT_EQ(k_center(column({1, 3, 7, 10}).to(torch::kFloat32), column({0}).to(torch::kFloat32), 2), (Ids{3, 1}));
}

TEST(KCenter, RefusesNaN) { EXPECT_THROW(k_center(column({1, std::nan("")}), column({0}), 1), NonFinite); }

TEST(KCenter, DoesWhatANaiveLoopDoes) {
  Stream stream(1);
  const auto rows = normal_rows(40, 3, stream), anchors = normal_rows(5, 3, stream);
  auto centres = anchors;
  Ids naive;
  for (int pick = 0; pick < 15; ++pick) {
    double farthest = -1;
    std::int64_t best = 0;
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const double nearest = (centres - rows[i]).square().sum(1).min().item<double>();
      if (nearest > farthest) farthest = nearest, best = i;
    }
    naive.push_back(best);
    centres = torch::cat({centres, rows[best].unsqueeze(0)});
  }
  EXPECT_EQ(k_center(rows, anchors, 15), naive);
}

// The largest distance from a point to its nearest centre.
double radius(const torch::Tensor& rows, const Ids& centres) {
  const auto chosen = rows.index_select(0, torch::tensor(centres, torch::kInt64));
  return (rows.unsqueeze(1) - chosen.unsqueeze(0)).norm(2, 2).amin(1).max().item<double>();
}

TEST(KCenter, HasAtMostTwiceTheRadiusOfTheBestCentres) {
  Stream stream(2);
  for (const std::int64_t n : {6, 8, 10}) {
    const auto rows = normal_rows(n, 2, stream);
    for (const std::int64_t m : {1, 2, 3, 4}) {
      double optimum = std::numeric_limits<double>::infinity();
      for (unsigned set = 0; set < 1u << n; ++set) {
        if (std::popcount(set) != m) continue;
        Ids centres;
        for (std::int64_t i = 0; i < n; ++i) {
          if (set >> i & 1) centres.push_back(i);
        }
        optimum = std::min(optimum, radius(rows, centres));
      }
      EXPECT_LE(radius(rows, k_center(rows, torch::empty({0, 2}), m)), 2 * optimum + 1e-12);
    }
  }
}

TEST(FarthestFirst, LeavesTheDistancesItIsGivenAlone) {
  const auto nearest = torch::tensor({1., 4., 9.}, torch::kFloat64);
  const auto points = column({1, 2, 3});
  const auto to = [&](std::int64_t j) { return (points - points[j]).square().sum(1); };
  EXPECT_EQ(farthest_first(nearest, to, 3, 2), (Ids{2, 0}));  // 0 and 1 are both 1 away: from 0, from 3
  EXPECT_TRUE(nearest.equal(torch::tensor({1., 4., 9.}, torch::kFloat64)));
}

}  // namespace
}  // namespace assay::learn
