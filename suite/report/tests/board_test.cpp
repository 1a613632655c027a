#include "report/board.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

// A task with a floor, a baseline, two methods; rows are given as label -> scores of seeds 0, 1, 2 (negative: the run
// failed).
class BoardTest : public testing::Test {
 protected:
  BoardTest() {
    Metric accuracy{"accuracy", "Accuracy", "%", "share of right answers", Direction::kHigher, 0, 100, true};
    Metric best{"best", "Best epoch", "%", "of the best epoch", Direction::kHigher, 0, 100, false, true};
    accuracy.decimals = best.decimals = 1;
    Task task;
    task.id = "t", task.title = "T", task.baseline = "plain", task.floor = "constant";
    task.metrics = {accuracy, best};
    Tier tier;
    tier.seeds = {0, 1, 2};
    Setting setting;
    setting.id = "s", setting.title = "S", setting.tiers["quick"] = tier;
    task.settings = {setting};
    catalog_.tasks = {task};
    add_method("constant", Role::kReference);
    add_method("plain", Role::kBaseline);
    add_method("strong", Role::kPaper);
    add_method("twin", Role::kPaper);
  }

  void add_method(const std::string& id, Role role) {
    Method method;
    method.id = method.name = id;
    method.task = "t";
    method.role = role;
    catalog_.methods.push_back(method);
  }

  void add(const std::string& label, const std::vector<double>& scores, const std::string& environment = "here") {
    for (std::size_t seed = 0; seed < scores.size(); ++seed) {
      Result run;
      run.id = static_cast<std::int64_t>(rows_.size() + 1);
      run.task = "t", run.setting = "s", run.tier = "quick", run.method = run.label = label;
      run.environment = environment;
      run.seed = static_cast<std::int64_t>(seed);
      run.key = run.digest = label + std::to_string(seed);
      if (scores[seed] < 0) {
        run.failure = failure::kTimeout;
      } else {
        run.metrics = {{"accuracy", scores[seed]}};
      }
      rows_.push_back(run);
    }
  }

  // Contributions to the score of the run that was added last, around the values of all examples.
  void contribute(const std::vector<float>& values, const std::string& metric = "accuracy") {
    double sum = 0;
    for (const auto value : values) sum += value;
    auto& run = rows_.back();
    std::erase_if(run.metrics, [&](const auto& one) { return one.first == metric; });
    run.metrics.emplace_back(metric, sum / static_cast<double>(values.size()));
    predictions_[run.id].push_back({"contribution:" + metric,
                                    "f32",
                                    {static_cast<std::int64_t>(values.size())},
                                    {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}});
  }

  std::vector<Board> boards() {
    const auto& task = catalog_.tasks[0];
    return make_boards(catalog_, task, task.settings[0], "quick", rows_,
                       [this](std::int64_t run) { return predictions_[run]; });
  }
  Board board() { return boards().front(); }

  Catalog catalog_;
  std::vector<Result> rows_;
  std::map<std::int64_t, std::vector<Prediction>> predictions_;
};

TEST_F(BoardTest, SeparatedMethodsHaveDistinctRanksAndOthersShareOneByName) {
  add("constant", {10, 10, 10});
  add("plain", {60.0, 60.4, 60.1});
  add("twin", {80.2, 80.1, 80.5});
  add("strong", {80.0, 80.4, 80.3});
  const auto made = board();
  ASSERT_EQ(made.ranked, 3u);
  EXPECT_EQ(made.standings[0].label, "strong");
  EXPECT_EQ(made.standings[0].rank, (RankRange{1, 2}));
  EXPECT_EQ(made.standings[1].label, "twin");
  EXPECT_EQ(made.standings[1].rank, (RankRange{1, 2}));
  EXPECT_EQ(made.standings[2].label, "plain");
  EXPECT_EQ(made.standings[2].rank, (RankRange{3, 3}));
  EXPECT_EQ(made.standings[3].label, "constant");
  EXPECT_FALSE(made.standings[3].rank);
  EXPECT_NEAR(made.standings[0].to_baseline->difference, 80.2333 - 60.1667, 1e-3);
  EXPECT_NEAR(made.difference(made.standings[2], made.standings[0], "accuracy").difference, 60.1667 - 80.2333, 1e-3);
}

TEST_F(BoardTest, LowerIsBetterTurnsTheRanksRound) {
  catalog_.tasks[0].metrics[0].direction = Direction::kLower;
  add("plain", {60.0, 60.4, 60.1});
  add("strong", {80.0, 80.4, 80.3});
  add("twin", {80.2, 80.1, 80.5});
  EXPECT_EQ(board().standings[0].label, "plain");
}

TEST_F(BoardTest, AFailedCellCostsTheFloorsScore) {
  add("constant", {10, 11, 12});
  add("plain", {60, 60, 60});
  add("strong", {80, -1, 80});
  const auto made = board();
  const auto& strong = *made.standing("strong");
  EXPECT_EQ(strong.imputed(), 1u);
  EXPECT_DOUBLE_EQ(strong.score.mean, (80 + 11 + 80) / 3.0);
  EXPECT_EQ(strong.scores[1].score, 11);
  EXPECT_EQ(made.failed, 1u);
}

TEST_F(BoardTest, MissingCellsAreCountedNotImputed) {
  add("constant", {10, 10, 10});
  add("plain", {60, 61});
  const auto made = board();
  EXPECT_EQ(made.standing("plain")->planned, 3u);
  EXPECT_EQ(made.standing("plain")->score.n, 2u);
  EXPECT_FALSE(made.standing("strong")->has_run());
  EXPECT_EQ(made.planned, 12u);
  EXPECT_EQ(made.ok, 5u);
}

TEST_F(BoardTest, OneSeedSeparatesNobody) {
  add("constant", {10});
  add("plain", {20});
  add("strong", {99});
  const auto made = board();
  EXPECT_EQ(made.standing("strong")->rank, (RankRange{1, 2}));
  EXPECT_FALSE(made.tests.smallest);
}

TEST_F(BoardTest, ShowsTheEnvironmentWithMostOkRuns) {
  add("plain", {60, 61, 62});
  add("plain", {50, -1, -1}, "there");
  const auto made = board();
  EXPECT_EQ(made.environment, "here");
  ASSERT_EQ(made.others.size(), 1u);
  EXPECT_EQ(made.others[0].ok, 1u);
  EXPECT_EQ(made.others[0].failed, 2u);
  EXPECT_DOUBLE_EQ(made.standing("plain")->score.mean, 61);
}

TEST_F(BoardTest, FlagsCollapse) {
  add("constant", {10, 10, 10});
  add("plain", {10, 10, 60});
  add("strong", {70, 70, 70});
  add("twin", {71, 72, 73});
  rows_.back().digest = rows_[8].digest;  // seed 2 of twin and of strong
  predictions_[rows_[9].id] = {{"test", "u8", {4}, std::string(4, '\1')}};
  const auto made = board();
  const auto seen = [&](const std::string& label, Oddity oddity) {
    for (const auto& flag : made.standing(label)->flags) {
      if (flag.oddity == oddity) return flag.seeds;
    }
    return std::size_t{0};
  };
  EXPECT_EQ(seen("plain", Oddity::kAtFloor), 2u);
  EXPECT_EQ(seen("strong", Oddity::kNoSpread), 3u);
  EXPECT_EQ(seen("twin", Oddity::kSameAsOther), 1u);
  EXPECT_EQ(seen("twin", Oddity::kConstantAnswers), 1u);
  EXPECT_TRUE(made.standing("constant")->flags.empty());
}

TEST_F(BoardTest, CleanLabelsPutAMethodBelowTheLine) {
  catalog_.methods[2].privileged = {"clean_labels"};
  catalog_.methods[3].privileged = {"noise_rate"};
  add("plain", {60, 61, 62});
  add("strong", {90, 91, 92});
  add("twin", {80, 81, 82});
  const auto made = board();
  EXPECT_TRUE(made.standing("strong")->reference);
  EXPECT_FALSE(made.standing("strong")->rank);
  EXPECT_TRUE(made.standing("twin")->rank);
}

TEST_F(BoardTest, AnotherSelectionIsComparedOverTheSameRuns) {
  add("plain", {60, 60, 60});
  add("strong", {70, 70, 70});
  for (auto& row : rows_) row.metrics.emplace_back("best", row.label == "plain" ? 80 : 75);
  const auto made = board();
  ASSERT_EQ(made.selection.size(), 1u);
  EXPECT_EQ(made.selection[0].swapped, 1u);
  EXPECT_EQ(made.selection[0].leader, "plain");
  EXPECT_EQ(made.selection[0].usual_leader, "strong");
}

// Seed 0: from 60 to 70, seed 1: from 62 to 66.
TEST_F(BoardTest, AGapIsClosedSeedBySeed) {
  Metric closed{"closed", "Gap closed", "%", "way from plain to twin", Direction::kHigher};
  closed.closes = Gap{"plain", "twin", 7};
  catalog_.tasks[0].metrics.push_back(closed);
  add("plain", {60, 62});
  add("twin", {70, 66});
  add("strong", {65, 67});
  add("constant", {50, 50});
  auto made = board();
  EXPECT_NEAR(made.standing("strong")->metrics.at("closed").mean, (50 + 125) / 2.0, 1e-9);
  EXPECT_FALSE(made.standing("constant")->metrics.contains("closed"));  // a reference that is no end of the gap
  EXPECT_EQ(made.standing("plain")->metrics.at("closed").mean, 0);
  EXPECT_EQ(made.standing("twin")->metrics.at("closed").mean, 100);
  catalog_.tasks[0].metrics.back().closes->least = 7.1;  // 10 and 4 are 7 on average: too near
  made = board();
  EXPECT_FALSE(made.standing("strong")->metrics.contains("closed"));
}

TEST_F(BoardTest, ACostMetricStandsInForTheWallTime) {
  catalog_.tasks[0].metrics.push_back({"time", "Time", "s", "of training", Direction::kLower});
  add("plain", {60, 62});
  add("strong", {70});
  rows_[0].seconds = 40, rows_[1].seconds = 8, rows_[2].seconds = 9;
  rows_[0].metrics.emplace_back("time", 5), rows_[1].metrics.emplace_back("time", 6);
  EXPECT_EQ(board().standing("plain")->seconds.mean, 24);
  catalog_.tasks[0].cost = "time";
  EXPECT_EQ(board().standing("plain")->seconds.mean, 5.5);
  EXPECT_EQ(board().standing("strong")->seconds.mean, 9);  // of an older source, which did not report it
}

TEST_F(BoardTest, AViewRanksTheSameRunsByItsOwnMetric) {
  catalog_.tasks[0].metrics.push_back({"loss", "Loss", "", "of the test set", Direction::kLower});
  catalog_.tasks[0].views = {{"losses", "Losses", "", "loss", {"accuracy"}}};
  add("plain", {60, 61, 62});
  add("strong", {80, 81, 82});
  for (auto& row : rows_)
    row.metrics.emplace_back("loss", row.label == "plain" ? 1.0 + 0.01 * row.metrics[0].second : 7);
  const auto made = boards();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].view, nullptr);
  EXPECT_EQ(made[0].standings[0].label, "strong");
  EXPECT_EQ(made[1].view->id, "losses");
  EXPECT_EQ(made[1].standings[0].label, "plain");
  EXPECT_EQ(made[1].standings[0].rank, (RankRange{1, 1}));
  EXPECT_NEAR(made[1].standings[0].score.mean, 1.61, 1e-9);
  EXPECT_LT(made[1].difference(made[1].standings[0], made[1].standings[1], "loss").difference, -5);
  EXPECT_TRUE(made[1].selection.empty());  // another accuracy is no other loss
}

// Seed differences 1, 2, 3 (s^2 = 1) and contributions that differ by d -+ 3 over two examples (v = 18 / 2 = 9).
TEST_F(BoardTest, ContributionsGiveTheNoiseOfExamples) {
  for (const int seed : {0, 1, 2}) {
    for (const std::string label : {"plain", "strong"}) {
      add(label, {0});
      rows_.back().seed = seed;
      const float base = label == "plain" ? 50 : 51 + static_cast<float>(seed), swing = label == "plain" ? 5 : 8;
      contribute({base - swing, base + swing});
    }
  }
  const auto made = board();
  EXPECT_TRUE(made.tests.counts_examples);
  const auto test = made.difference(*made.standing("strong"), *made.standing("plain"), "accuracy");
  EXPECT_NEAR(test.standard_error, std::sqrt(1 / 3.0 + 9), 1e-9);
  EXPECT_EQ(test.examples, 0u);
}

class DeterministicTest : public BoardTest {
 protected:
  DeterministicTest() {
    for (auto& method : catalog_.methods) method.deterministic = true;
  }
};

// One seed and four examples: differences 9, 10, 10, 11 have variance 2/3, so the standard error is sqrt(1/6).
TEST_F(DeterministicTest, OneSeedIsTestedByItsExamples) {
  add("plain", {0}), contribute({50, 52, 54, 56});
  add("strong", {0}), contribute({59, 62, 64, 67});
  const auto made = board();
  EXPECT_EQ(made.standing("strong")->rank, (RankRange{1, 1}));
  EXPECT_EQ(made.tests.by_examples, 1u);
  EXPECT_EQ(made.tests.examples, 4u);
  EXPECT_NEAR(made.standing("strong")->to_baseline->standard_error, std::sqrt(1 / 6.0), 1e-6);
  EXPECT_EQ(made.standing("plain")->examples, 4u);  // 53 +- 3.182 sqrt(20/3 / 4)
  EXPECT_NEAR(made.standing("plain")->score.interval->low, 53 - 3.182 * std::sqrt(5 / 3.0), 1e-2);
  EXPECT_TRUE(made.standing("plain")->flags.empty());
}

TEST_F(DeterministicTest, RepeatedSeedsAreOneMeasurementAndNoOddity) {
  for (const int seed : {0, 1, 2}) {
    for (const std::string label : {"plain", "strong"}) {
      add(label, {0});
      rows_.back().seed = seed;
      contribute(label == "plain" ? std::vector<float>{50, 52, 54, 56} : std::vector<float>{59, 62, 64, 67});
    }
  }
  const auto made = board();
  EXPECT_NEAR(made.standing("strong")->to_baseline->standard_error, std::sqrt(1 / 6.0), 1e-6);
  EXPECT_EQ(made.standing("plain")->score.n, 3u);
  EXPECT_TRUE(made.standing("strong")->flags.empty());
}

TEST_F(DeterministicTest, WithoutContributionsNothingIsTested) {
  add("plain", {50, 50, 50});
  add("strong", {60, 60, 60});
  const auto made = board();
  EXPECT_EQ(made.standing("strong")->rank, (RankRange{1, 2}));
  EXPECT_EQ(made.tests.tested(), 0u);
  EXPECT_FALSE(made.standing("strong")->score.interval);
}

// A failed run is the floor's score, with the floor's examples.
TEST_F(DeterministicTest, AFailureIsTestedAsTheFloorIs) {
  add("constant", {0}), contribute({10, 12, 14, 16});
  add("plain", {0}), contribute({50, 52, 54, 56});
  add("strong", {-1});
  const auto made = board();
  EXPECT_EQ(made.standing("plain")->rank, (RankRange{1, 1}));
  EXPECT_EQ(made.standing("strong")->rank, (RankRange{2, 2}));
}

// Against a method that trains the usual test holds, and the pair of the two others says nothing of training.
TEST_F(BoardTest, ADeterministicMethodAgainstARandomOneIsTestedBySeeds) {
  catalog_.methods[1].deterministic = catalog_.methods[3].deterministic = true;
  for (const std::string label : {"plain", "twin"}) {
    add(label, {0, 0, 0});
    for (auto row = rows_.end() - 3; row != rows_.end(); ++row)
      row->metrics = {{"accuracy", label == "plain" ? 50 : 70}};
  }
  add("strong", {60, 61, 62});
  const auto made = board();
  EXPECT_EQ(made.tests.by_seeds, 2u);
  EXPECT_EQ(made.tests.tested(), 2u);
  EXPECT_EQ(made.tests.all, 3u);
  const auto test = made.difference(*made.standing("strong"), *made.standing("plain"), "accuracy");
  EXPECT_EQ(test.freedom, 2);
  EXPECT_NEAR(test.standard_error, std::sqrt(1 / 3.0), 1e-9);
}

Result run_of(std::int64_t id, double accuracy) {
  Result run;
  run.id = id;
  run.metrics = {{"accuracy", accuracy}};
  return run;
}

Prediction parts(const std::vector<float>& values) {
  return {"contribution:accuracy",
          "f32",
          {static_cast<std::int64_t>(values.size())},
          {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}};
}

std::optional<ExampleNoise> noise_of(const AnswerSheets& sheets, const Metric& metric,
                                     const std::vector<Compared>& seeds) {
  return sheets.noise(metric, seeds);
}

// Of four examples the first run gains two and the second one: +1, +1, -1, 0 with mean 1/4 and variance 11/12.
TEST(AnswerSheets, CountWhatTurned) {
  const Metric accuracy{"accuracy", "Accuracy", "%"}, other{"other", "Other", "%"};
  AnswerSheets sheets({&accuracy});
  const Prediction target{"target", "u8", {4}, "abcd"};
  sheets.add(run_of(1, 75), {{"test", "u8", {4}, "abcx"}, target});
  sheets.add(run_of(2, 50), {{"test", "u8", {4}, "xbxd"}, target});
  sheets.add(run_of(3, 12), {{"test", "u8", {4}, "abxd"}, target});  // its score is another one
  const auto noise = noise_of(sheets, accuracy, {{1, 2}});
  ASSERT_TRUE(noise);
  EXPECT_DOUBLE_EQ(noise->variance, 1e4 * 11 / 12 / 4);
  EXPECT_EQ(noise->examples, 4u);
  EXPECT_DOUBLE_EQ(noise_of(sheets, accuracy, {{1, kNoRun}})->variance, 1e4 * (3.0 / 4 * 1 / 4) * 4 / 3 / 4);
  EXPECT_FALSE(noise_of(sheets, accuracy, {{1, 3}}));
  EXPECT_FALSE(noise_of(sheets, accuracy, {{1, 9}}));
  EXPECT_FALSE(noise_of(sheets, other, {{1, kNoRun}}));
}

// The same pair twice says no more than once where the test set is the same, and half as much where it is another one.
TEST(AnswerSheets, SeedsThatShareATestSetAreAveragedExampleByExample) {
  const Metric accuracy{"accuracy", "Accuracy", "%"};
  AnswerSheets sheets({&accuracy});
  const Prediction target{"target", "u8", {4}, "abcd"}, another{"target", "u8", {4}, "efgh"};
  sheets.add(run_of(1, 75), {{"test", "u8", {4}, "abcx"}, target});
  sheets.add(run_of(2, 50), {{"test", "u8", {4}, "xbxd"}, target});
  sheets.add(run_of(3, 75), {{"test", "u8", {4}, "efgx"}, another});
  sheets.add(run_of(4, 50), {{"test", "u8", {4}, "xfxh"}, another});
  sheets.add(run_of(5, 50), {{"test", "u8", {4}, "abxx"}, target});
  const double once = noise_of(sheets, accuracy, {{1, 2}})->variance;
  EXPECT_DOUBLE_EQ(noise_of(sheets, accuracy, {{1, 2}, {1, 2}})->variance, once);
  EXPECT_DOUBLE_EQ(noise_of(sheets, accuracy, {{1, 2}, {3, 4}})->variance, once / 2);
  // +1, 0, +1, -1 and +1, 0, 0, -1: averages 1, 0, 1/2, -1 with mean 1/8 and sum of squares 9/4
  EXPECT_DOUBLE_EQ(noise_of(sheets, accuracy, {{1, 2}, {5, 2}})->variance, 1e4 * (2.25 - 4.0 / 64) / 3 / 4);
}

TEST(AnswerSheets, ContributionsCountWhereTheirMeanIsTheScore) {
  const Metric accuracy{"accuracy", "Accuracy", "%"};
  AnswerSheets sheets({&accuracy});
  sheets.add(run_of(1, 3), {parts({1, 2, 6})});
  sheets.add(run_of(2, 2), {parts({2, 2, 2})});
  sheets.add(run_of(3, 2.1), {parts({2, 2, 2})});
  sheets.add(run_of(4, 2), {parts({1, 3})});
  sheets.add(run_of(5, 50), {{"test", "u8", {2}, "ab"}, {"target", "u8", {2}, "ax"}});
  EXPECT_DOUBLE_EQ(noise_of(sheets, accuracy, {{1, 2}})->variance, 7.0 / 3);
  EXPECT_DOUBLE_EQ(noise_of(sheets, accuracy, {{1, kNoRun}})->variance, 7.0 / 3);
  EXPECT_FALSE(noise_of(sheets, accuracy, {{1, 3}}));
  EXPECT_FALSE(noise_of(sheets, accuracy, {{1, 4}}));  // other examples
  EXPECT_FALSE(noise_of(sheets, accuracy, {{4, 5}}));  // another kind
  EXPECT_FALSE(sheets.constant(2));
}

}  // namespace
}  // namespace assay
