#include "engine/display_text.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

struct Shown {
  Task task;
  PlannedRun run;
  RunOutcome outcome;

  Shown() {
    Metric metric;
    metric.name = "accuracy";
    metric.unit = "%";
    metric.ranks = true;
    task.metrics = {metric};
    run.task = &task;
    run.cell.task = "noisy-labels";
    run.cell.setting = "digits-40";
    run.cell.label = "gce";
    run.cell.seed = 3;
    outcome.run = &run;
    outcome.execution.seconds = 12;
    outcome.execution.metrics = {{"accuracy", 71.204}};
  }
};

TEST(FinishedLine, ShowsTheRankingMetric) {
  const Shown shown;
  EXPECT_EQ(finished_line(shown.outcome, 7, 340, {}),
            "[  7/340] ok   noisy-labels/digits-40 gce seed 3                    accuracy 71.20 %  12 s");
}

TEST(FinishedLine, ShowsWhyARunFailed) {
  Shown shown;
  shown.outcome.execution.failure = "crash";
  shown.outcome.execution.message = "killed by SIGSEGV";
  EXPECT_EQ(finished_line(shown.outcome, 1, 1, {}),
            "[1/1] FAIL noisy-labels/digits-40 gce seed 3                    crash: killed by SIGSEGV  12 s");
}

TEST(Tally, CountsAndEstimatesFromWhatHasFinished) {
  Shown shown;
  Tally tally;
  tally.start(9, 2);
  EXPECT_EQ(tally.head(2, 1, {}), "0/9 done, 2 running, 1.0 s so far");
  tally.finished(shown.outcome);
  EXPECT_EQ(tally.head(2, 12, {}), "1/9 done, 2 running, 12 s so far, about 48 s left");
  shown.outcome.execution.failure = "crash";
  tally.finished(shown.outcome);
  EXPECT_EQ(tally.head(0, 12, {}), "2/9 done, 0 running, 1 failed, 12 s so far, about 42 s left");
}

TEST(Clipped, CountsCharactersNotBytesNorEscapes) {
  EXPECT_EQ(clipped("abcdef", 3), "abc");
  EXPECT_EQ(clipped("━━━━", 2), "━━");
  EXPECT_EQ(clipped("\x1b[31mabc\x1b[0m", 2), "\x1b[31mab\x1b[0m");
}

TEST(ProgressBar, FillsByPart) {
  EXPECT_EQ(progress_bar(0.5, 4, {}), "##--");
  EXPECT_EQ(progress_bar(7, 4, {}), "####");
}

}  // namespace
}  // namespace assay
