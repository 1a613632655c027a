#include "learn/ranking.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "learn/registry.hpp"

namespace assay::learn {
namespace {

using Ids = std::vector<std::int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Top, IsByFallingScoreAndOfEqualOnesTheSmallerPosition) {
  const std::vector<double> score{1, 3, 2, 3, 1};
  EXPECT_EQ(top(score, 3), (Ids{1, 3, 2}));
  EXPECT_EQ(top(score, 4), (Ids{1, 3, 2, 0}));
  EXPECT_EQ(top(score, 0), Ids{});
}

TEST(Top, IsAllWhereThereAreFewer) {
  EXPECT_EQ(top(std::vector<double>{1, 2}, 5), (Ids{1, 0}));
  EXPECT_EQ(top(std::vector<double>{}, 5), Ids{});
}

TEST(Top, TakesInfinitiesAndRefusesNaN) {
  EXPECT_EQ(top(std::vector<double>{0, -kInfinity, kInfinity}, 3), (Ids{2, 0, 1}));
  EXPECT_THROW(top(std::vector<double>{0, std::nan("")}, 1), NonFinite);
}

TEST(Top, IsThePrefixOfAStableSort) {
  Stream stream(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> score(30);
    for (auto& value : score) value = static_cast<double>(stream.below(6));
    Ids sorted(score.size());
    std::iota(sorted.begin(), sorted.end(), 0);
    std::stable_sort(sorted.begin(), sorted.end(), [&](auto a, auto b) {
      return score[static_cast<std::size_t>(a)] > score[static_cast<std::size_t>(b)];
    });
    sorted.resize(static_cast<std::size_t>(round) % 31);
    EXPECT_EQ(top(score, sorted.size()), sorted);
  }
}

TEST(MinMax, ScalesToTheUnitIntervalAndEqualValuesToZero) {
  EXPECT_EQ(minmax(std::vector<double>{3, 1, 5}), (std::vector<double>{0.5, 0, 1}));
  EXPECT_EQ(minmax(std::vector<double>{2, 2}), (std::vector<double>{0, 0}));
  EXPECT_TRUE(minmax(std::vector<double>{}).empty());
}

TEST(Draw, GivesDistinctMembersInAnOrderThatTheStreamDecides) {
  const Ids from{7, 3, 9, 4, 1};
  Stream a(5), b(5);
  auto drawn = draw(from, 3, a);
  EXPECT_EQ(drawn, draw(from, 3, b));
  EXPECT_EQ(drawn.size(), 3u);
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
  for (const auto id : drawn) EXPECT_NE(std::find(from.begin(), from.end(), id), from.end());
}

TEST(Draw, OfMoreThanThereAreIsAPermutation) {
  Stream stream(2);
  auto drawn = draw({2, 0, 1}, 9, stream);
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(drawn, (Ids{0, 1, 2}));
  EXPECT_TRUE(draw({}, 3, stream).empty());
}

TEST(Draw, TakesEachMemberEquallyOften) {
  constexpr int kDraws = 5000;
  Stream stream(3);
  std::vector<double> count(5, 0);
  for (int i = 0; i < kDraws; ++i) {
    for (const auto id : draw({0, 1, 2, 3, 4}, 2, stream)) ++count[static_cast<std::size_t>(id)];
  }
  for (const double n : count) EXPECT_NEAR(n / kDraws, 0.4, 5 * std::sqrt(0.24 / kDraws));
}

TEST(DrawWeighted, FollowsTheWeights) {
  constexpr int kDraws = 5000;
  const std::vector<double> weights{0, 1, 0, 3, 0};
  Stream stream(4);
  int fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto at = draw_weighted(weights, stream);
    ASSERT_TRUE(at == 1 || at == 3);
    fourth += at == 3;
  }
  EXPECT_NEAR(static_cast<double>(fourth) / kDraws, 0.75, 5 * std::sqrt(0.1875 / kDraws));
}

TEST(DrawWeighted, RefusesWeightsWithoutAPositiveFiniteSum) {
  Stream stream(4);
  EXPECT_THROW(draw_weighted(std::vector<double>{0, 0}, stream), std::invalid_argument);
  EXPECT_THROW(draw_weighted(std::vector<double>{}, stream), std::invalid_argument);
  EXPECT_THROW(draw_weighted(std::vector<double>{1, std::nan("")}, stream), std::invalid_argument);
  EXPECT_THROW(draw_weighted(std::vector<double>{1, kInfinity}, stream), std::invalid_argument);
}

TEST(ClassQuotas, HandOutWhatASmallClassCannotFill) { EXPECT_EQ(class_quotas(Ids{1, 10, 4}, 7), (Ids{1, 4, 2})); }

TEST(ClassQuotas, CountEmptyClasses) {
  EXPECT_EQ(class_quotas(Ids{0, 10, 10}, 6), (Ids{0, 3, 3}));
  EXPECT_EQ(class_quotas(Ids{0, 10, 10}, 4), (Ids{0, 3, 1}));  // remainder and returned one both to the first of equals
}

TEST(ClassQuotas, SkipFullClasses) { EXPECT_EQ(class_quotas(Ids{2, 3, 9}, 12), (Ids{2, 3, 7})); }

TEST(ClassQuotas, AreAllWhereThereAreFewer) {
  EXPECT_EQ(class_quotas(Ids{1, 0, 2}, 50), (Ids{1, 0, 2}));
  EXPECT_TRUE(class_quotas(Ids{}, 3).empty());
}

TEST(ClassQuotas, FillTheTotalAndStayNearlyEqual) {
  Stream stream(6);
  for (int round = 0; round < 300; ++round) {
    Ids sizes(1 + stream.below(6));
    for (auto& size : sizes) size = static_cast<std::int64_t>(stream.below(12));
    const auto total = static_cast<std::int64_t>(stream.below(40));
    const auto quota = class_quotas(sizes, total);
    const auto sum = [](const Ids& values) { return std::accumulate(values.begin(), values.end(), std::int64_t{0}); };
    EXPECT_EQ(sum(quota), std::min(total, sum(sizes)));
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      EXPECT_GE(quota[c], 0);
      EXPECT_LE(quota[c], sizes[c]);
      for (std::size_t other = 0; other < sizes.size(); ++other) {
        if (sizes[c] > sizes[other]) {
          EXPECT_GE(quota[c], quota[other]);
        }
        if (quota[c] < sizes[c]) {  // one of the remainder, one of the last round
          EXPECT_GE(quota[c], quota[other] - 2);
        }
      }
    }
  }
}

}  // namespace
}  // namespace assay::learn
