#include "report/board.hpp"

#include <gtest/gtest.h>

#include "report/answers.hpp"

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

  Board board() {
    const auto& task = catalog_.tasks[0];
    return make_board(catalog_, task, task.settings[0], "quick", rows_,
                      [this](std::int64_t run) { return predictions_[run]; });
  }

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
  EXPECT_FALSE(made.smallest_difference);
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

TEST(AnswerSheets, CountsWhatTurned) {
  const Metric accuracy{"accuracy", "Accuracy", "%"};
  AnswerSheets sheets(accuracy);
  Result a, b, c;
  a.id = 1, b.id = 2, c.id = 3;
  a.metrics = {{"accuracy", 75}}, b.metrics = {{"accuracy", 50}},
  c.metrics = {{"accuracy", 12}};  // c's score is another one
  const Prediction target{"target", "u8", {4}, "abcd"};
  sheets.add(a, {{"test", "u8", {4}, "abcx"}, target});
  sheets.add(b, {{"test", "u8", {4}, "xbxd"}, target});
  sheets.add(c, {{"test", "u8", {4}, "abxd"}, target});
  const auto turned = sheets.turned(1, 2);
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->gained, 2u);
  EXPECT_EQ(turned->lost, 1u);
  EXPECT_EQ(turned->examples, 4u);
  EXPECT_FALSE(sheets.turned(1, 3));
  EXPECT_FALSE(sheets.turned(1, 9));
}

}  // namespace
}  // namespace assay
