#include "engine/queue.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

PlannedRun run(const std::string& key, double estimate, CellState state = CellState::kMissing) {
  PlannedRun planned;
  planned.key = key;
  planned.estimate_s = estimate;
  planned.state = state;
  return planned;
}

std::string keys(const Plan& plan, const ExecuteOptions& options = {}) {
  std::string text;
  for (const auto* each : runs_to_start(plan, options)) text += each->key;
  return text;
}

TEST(Queue, StartsTheLongestFirstAndTheUnknownBeforeThem) {
  Plan plan;
  plan.runs = {run("a", 1), run("b", 9), run("c", 0), run("d", 5)};
  EXPECT_EQ(keys(plan), "cbda");
}

TEST(Queue, KeepsSeedsWithOneEstimateInTheOrderOfThePlan) {
  Plan plan;
  plan.runs = {run("a", 2), run("b", 2), run("x", 3), run("c", 2)};
  EXPECT_EQ(keys(plan), "xabc");
}

TEST(Queue, HoldsEachKeyOnce) {
  Plan plan;
  plan.runs = {run("a", 1), run("a", 1)};
  EXPECT_EQ(keys(plan), "a");
}

TEST(Queue, TakesCachedAndFailedOnesOnlyOnDemand) {
  Plan plan;
  plan.runs = {run("m", 1), run("c", 1, CellState::kCached), run("f", 1, CellState::kFailed),
               run("u", 1, CellState::kUnavailable)};
  ExecuteOptions force, again;
  force.force = true;
  again.rerun_failed = true;
  EXPECT_EQ(keys(plan), "m");
  EXPECT_EQ(keys(plan, again), "mf");
  EXPECT_EQ(keys(plan, force), "mcf");
}

}  // namespace
}  // namespace assay
