#include "engine/messages.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/outcome.hpp"

namespace assay {
namespace {

Execution sample() {
  Execution run;
  run.metrics = {{"accuracy", 71.25}, {"seconds", 3.5}};
  run.curves = {{"accuracy", {10.5, std::numeric_limits<double>::quiet_NaN(), 71.25}}};
  run.predictions = {{"test", "u8", {2, 3}, std::string("\0\1\2\xff\4\5", 6)}};
  run.notes = {{"noise", 0.4}};
  run.pictures = {{"abc", "image/png", "\x89PNG"}};
  run.digest = digest_of(run, "more");
  return run;
}

TEST(Result, ComesBackAsItWasSent) {
  const auto sent = sample();
  Execution received;
  read_result(Json::parse(result_to_json(sent).dump()), received);
  EXPECT_EQ(received.metrics, sent.metrics);
  EXPECT_TRUE(std::isnan(received.curves.at("accuracy").at(1)));
  EXPECT_EQ(received.predictions.at(0).bytes, sent.predictions.at(0).bytes);
  EXPECT_EQ(received.predictions.at(0).shape, sent.predictions.at(0).shape);
  EXPECT_EQ(received.pictures.at(0).bytes, sent.pictures.at(0).bytes);
  EXPECT_EQ(received.notes, sent.notes);
  EXPECT_EQ(digest_of(received, "more"), sent.digest);
}

TEST(Digest, ChangesWithEveryPartButTime) {
  const auto digest = sample().digest;
  const auto changed = [](const auto& change) {
    auto run = sample();
    change(run);
    return digest_of(run, "more");
  };
  EXPECT_EQ(changed([](Execution& run) { run.metrics["seconds"] = 4; }), digest);
  EXPECT_EQ(changed([](Execution& run) { run.curves["epoch_seconds"] = {1}; }), digest);
  EXPECT_NE(changed([](Execution& run) { run.metrics["accuracy"] += 1e-12; }), digest);
  EXPECT_NE(changed([](Execution& run) { run.curves["accuracy"][0] = 10.6; }), digest);
  EXPECT_NE(changed([](Execution& run) { run.predictions[0].bytes[0] = 1; }), digest);
  EXPECT_NE(changed([](Execution& run) { run.predictions[0].shape = {3, 2}; }), digest);
  EXPECT_NE(changed([](Execution& run) { run.exhibit = Json::array(); }), digest);
  EXPECT_NE(changed([](Execution& run) { run.notes["noise"] = 0.5; }), digest);
  EXPECT_NE(changed([](Execution& run) { run.pictures[0].sha256 = "abd"; }), digest);
  EXPECT_NE(digest_of(sample(), "other"), digest);
}

Task task_with(bool required) {
  Task task;
  Metric metric;
  metric.name = "recall";
  metric.required = required;
  task.metrics = {metric};
  return task;
}

Execution answered(const Task& task, const std::map<std::string, double>& metrics) {
  auto run = sample();
  run.metrics = metrics;
  const Json done{{"failure", ""}, {"message", ""},    {"log_tail", ""},
                  {"seconds", 1},  {"cpu_seconds", 1}, {"peak_memory_kb", 1}};
  Execution received;
  add_answer(done, result_to_json(run), task, received);
  return received;
}

TEST(Outcome, FailsARunWithoutARequiredMetric) {
  EXPECT_EQ(answered(task_with(true), {}).failure, failure::kMissingMetric);
  EXPECT_EQ(answered(task_with(true), {{"recall", 0.5}}).failure, "");
  EXPECT_EQ(answered(task_with(false), {}).failure, "");
}

}  // namespace
}  // namespace assay
