// Selection in two stages.
#include "open-set-al/two_stage.hpp"

#include <gtest/gtest.h>

namespace assay::open_set_al {
namespace {

using Positions = std::vector<std::int64_t>;

const std::vector<double> kGate{.9, .1, .8, .7, .8, .2}, kValue{1, 9, 2, 3, 2, 9};

TEST(GateThenRank, RanksWhatPassedAndBreaksTiesByPosition) {
  const Positions all{0, 1, 2, 3, 4, 5};
  EXPECT_EQ(gate_then_rank(all, kGate, kValue, {4, 2}), (Positions{3, 2}));
  EXPECT_EQ(gate_then_rank(all, kGate, kValue, {2, 2}), (Positions{2, 0})) << "0 and, of the equal, 2 pass";
  EXPECT_EQ(gate_then_rank(all, kGate, kValue, {100, 2}), (Positions{1, 5})) << "everything passes: the top values";
  EXPECT_EQ(gate_then_rank(Positions{1, 5}, kGate, kValue, {1, 3}), (Positions{5}));
}

TEST(GateThenRankByClass, FillsAQuotaPerClassAndLeavesOthersOut) {
  const Positions predicted{0, 0, 1, 0, 1, 2};
  EXPECT_EQ(gate_then_rank_by_class(predicted, 2, kGate, kValue, {2, 1}), (Positions{3, 2}));
  EXPECT_EQ(gate_then_rank_by_class(predicted, 4, kGate, kValue, {100, 1}), (Positions{1, 2, 5}));
}

TEST(IdsAt, ReadsIdsByPosition) { EXPECT_EQ(ids_at(Positions{7, 8, 9}, Positions{2, 0}), (Positions{9, 7})); }

}  // namespace
}  // namespace assay::open_set_al
