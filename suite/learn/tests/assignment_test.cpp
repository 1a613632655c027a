#include "learn/assignment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "core/streams.hpp"

namespace assay::learn {
namespace {

using Ids = std::vector<std::int64_t>;
using Matrix = std::vector<std::vector<double>>;

double total(const Matrix& weight, const Ids& column_of) {
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (column_of[i] >= 0) sum += weight[i][static_cast<std::size_t>(column_of[i])];
  }
  return sum;
}

TEST(BestAssignment, GivesUpTheLargestWeightForALargerTotal) {
  EXPECT_EQ(best_assignment({{9, 8}, {8, 1}}), (Ids{1, 0}));  // 16, not 10
}

TEST(BestAssignment, LeavesRowsOverWhereThereAreMoreThanColumns) {
  EXPECT_EQ(best_assignment({{1}, {3}, {2}}), (Ids{-1, 0, -1}));
  EXPECT_EQ(best_assignment({{1, 5, 2}}), (Ids{1}));
}

TEST(BestAssignment, TakesNegativeWeightsSinceAllAreAssigned) {
  EXPECT_EQ(best_assignment({{-5, -1}, {-9, -2}}), (Ids{0, 1}));
}

TEST(BestAssignment, OfNothingIsNothing) {
  EXPECT_TRUE(best_assignment({}).empty());
  EXPECT_EQ(best_assignment({{}, {}}), (Ids{-1, -1}));
}

double best_of_all(const Matrix& weight, std::size_t rows, std::size_t columns) {
  std::vector<std::size_t> order(std::max(rows, columns));  // row of each column, or of none beyond
  std::iota(order.begin(), order.end(), 0);
  double best = -std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      if (order[j] < rows) sum += weight[order[j]][j];
    }
    best = std::max(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(BestAssignment, IsTheBestOfAll) {
  Stream stream(1);
  for (std::size_t rows = 1; rows <= 6; ++rows) {
    for (std::size_t columns = 1; columns <= 6; ++columns) {
      for (const bool integers : {false, true}) {
        Matrix weight(rows, std::vector<double>(columns));
        for (auto& row : weight) {
          for (auto& value : row) value = integers ? static_cast<double>(stream.below(4)) : stream.normal();
        }
        const auto column_of = best_assignment(weight);
        std::multiset<std::int64_t> taken(column_of.begin(), column_of.end());
        EXPECT_EQ(taken.count(-1), rows - std::min(rows, columns));
        for (std::size_t j = 0; j < columns; ++j) EXPECT_LE(taken.count(static_cast<std::int64_t>(j)), 1u);
        EXPECT_NEAR(total(weight, column_of), best_of_all(weight, rows, columns), 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace assay::learn
