#include "noisy-labels/scorer.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "noisy-labels/tests/synthetic.hpp"

namespace assay::noisy_labels {
namespace {

torch::Tensor labels(std::vector<std::int64_t> values) { return torch::tensor(values, torch::kInt64); }

// Four wrong labels of known classes (rows 1 to 4), of which one is predicted as given and two as the truth.
TEST(Memory, CountsWrongLabelsOfKnownClasses) {
  const auto clean = labels({0, 1, 1, 2, 2, -1});
  const auto given = labels({0, 0, 2, 1, 0, 1});
  const auto memory = memory_of(labels({0, 0, 1, 2, 1, 1}), given, clean);
  EXPECT_DOUBLE_EQ(memory.memorised, 0.25);
  EXPECT_DOUBLE_EQ(memory.recovered, 0.5);
}

TEST(Memory, IsUndefinedWithoutWrongLabels) {
  EXPECT_TRUE(std::isnan(memory_of(labels({0}), labels({1}), labels({1})).memorised));
}

TEST(Selection, ComparesWithTheRightlyLabelled) {
  const auto given = labels({0, 1, 2, 3}), clean = labels({0, 1, 0, -1});
  const auto selection = selection_of(torch::tensor({true, false, true, true}), given, clean);
  EXPECT_DOUBLE_EQ(selection.precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(selection.recall, 0.5);
  EXPECT_EQ(selection_of(torch::zeros({4}, torch::kBool), given, clean).precision, 0);
}

TEST(LastMean, TakesThreeEpochsOfFewAndFiveOfTwoHundred) {
  EXPECT_DOUBLE_EQ(last_mean({7}), 7);
  EXPECT_DOUBLE_EQ(last_mean({0, 1, 2, 6}), 3);
  std::vector<double> many(200, 0);
  many[195] = 5;
  EXPECT_DOUBLE_EQ(last_mean(many), 1);
}

TEST(Run, ReportsEveryRequiredMetricWithinItsBounds) {
  auto memory = synthetic::run(synthetic::job("cross-entropy"));
  for (const auto& metric : learn::project_catalog().task("noisy-labels")->metrics) {
    const bool reported = memory.metrics.count(metric.name) > 0;
    EXPECT_TRUE(reported || !metric.required) << metric.name;
    if (!reported) continue;
    const double value = memory.metrics[metric.name];
    EXPECT_GE(value, metric.low.value_or(value)) << metric.name;
    EXPECT_LE(value, metric.high.value_or(value)) << metric.name;
  }
  EXPECT_EQ(memory.epochs.size(), 3u);
  EXPECT_EQ(memory.predictions["test"].size(), 100u);
  EXPECT_DOUBLE_EQ(memory.metrics["passes"], 1);
}

TEST(Run, LeavesMemorisationOutWhereNoLabelIsWrong) {
  auto memory = synthetic::run(synthetic::job("cross-entropy", {{"kind", "none"}}));
  EXPECT_FALSE(memory.metrics.count("memorised"));
  EXPECT_FALSE(memory.metrics.count("detect_auc"));
}

TEST(Run, ShowsTheSameExamplesForAllMethods) {
  const auto a = synthetic::run(synthetic::job("cross-entropy")).examples_shown;
  const auto b = synthetic::run(synthetic::job("constant")).examples_shown;
  ASSERT_EQ(a.size(), 12u);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i]["shared"], b[i]["shared"]);
}

TEST(Run, RemovesUnknownClassesFromTheTestSet) {
  const Json open{{"kind", "open-set"}, {"rate", 0.25}, {"unknown", {1, 8}}};
  auto memory = synthetic::run(synthetic::job("oracle", open));
  EXPECT_EQ(memory.notes["counts"]["unknown_images"], 40);
  EXPECT_EQ(memory.notes["counts"]["test"], 80);
  // 25 images a class: seven wrong labels of a quarter, by largest remainder; some of them fall to the validation
  // split.
  EXPECT_NEAR(memory.notes["noise"]["realised_rate"].get<double>(), 0.424, 0.04);
  EXPECT_NEAR(memory.notes["noise"]["expected_rate"].get<double>(), 0.4, 1e-9);
}

TEST(Run, TakesHumanLabels) {
  const Json human{{"kind", "human"}, {"labels", "worst"}, {"rate", 0.34}};
  auto memory = synthetic::run(synthetic::job("cross-entropy", human));
  EXPECT_NEAR(memory.notes["noise"]["realised_rate"].get<double>(), 0.335, 0.06);
}

TEST(Run, RefusesUnknownSettings) {
  auto job = synthetic::job("cross-entropy");
  job.setting_parameters["corruption"]["rte"] = 0.1;
  EXPECT_THROW(synthetic::run(job), DeclarationError);
}

TEST(Privileged, HandsOutOnlyWhatTheCardLists) {
  const Privileged privileged(Granted({"noise_rate"}), 0.4, {});
  EXPECT_EQ(privileged.noise_rate(), 0.4);
  EXPECT_THROW(privileged.clean_labels(), DeclarationError);
}

TEST(View, KeepsTheProtocolsStreamsToItself) {
  EXPECT_THROW(View{}.stream("corruption"), std::logic_error);
  EXPECT_THROW(View{}.stream("split"), std::logic_error);
}

}  // namespace
}  // namespace assay::noisy_labels
