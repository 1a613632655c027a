// kill -9 of anything at any moment loses no finished run and doubles none; and what two processes do to each other.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "tests/scene.hpp"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kSeeds = 400;  // of one matrix
const std::string kSeedList = "0-" + std::to_string(kSeeds - 1);
const std::vector<std::string> kMatrix{"--tier",  "smoke", "-m", "good",   "--seeds",
                                       kSeedList, "-j",    "2",  "--json", "--rerun-failed"};

// Keys that bench said it had finished well, out of its output up to a kill.
void collect_finished(const std::string& output, std::set<std::string>& keys) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line) && !lines.eof();) {  // a last line without its end is torn
    const auto event = Json::parse(line);
    if (event.at("event") == "finished" && event.at("failure") == "") keys.insert(event.at("key"));
  }
}

bool has_ended(pid_t process) {
  siginfo_t state{};
  return waitid(P_PID, static_cast<id_t>(process), &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid == process;
}

// Lets bench work for `time`, or until it ends.
void let_work(pid_t bench, std::chrono::milliseconds time) {
  const auto until = Clock::now() + time;
  while (!has_ended(bench) && Clock::now() < until) poll(nullptr, 0, 1);
}

std::map<std::string, std::string> digests(const Scene& scene) {
  std::map<std::string, std::string> found;
  for (const auto& result : scene.results()) found[result.key] = result.failure + result.digest;
  return found;
}

void expect_each_once(const Scene& scene, const std::set<std::string>& said) {
  const Store store(scene.store_file(), Store::Mode::kRead);
  for (const auto& result : store.results()) {
    int ok = 0;
    for (const auto& execution : store.executions(result.key)) {
      ok += execution.ok();
      const bool by_us = execution.failure == failure::kKilled || execution.failure == failure::kWorkerLost;
      EXPECT_TRUE(execution.ok() || by_us) << execution.failure << ": " << execution.message;
    }
    EXPECT_EQ(ok, 1) << result.key;
  }
  const auto stored = digests(scene);
  for (const auto& key : said) EXPECT_TRUE(stored.contains(key)) << "lost " << key;
  EXPECT_EQ(store.integrity(), "ok");
  EXPECT_EQ(store.verify_events(), "");
}

// One of bench and all that it has started, so that every kind of process is hit.
pid_t victim(pid_t bench, std::mt19937& random) {
  auto processes = descendants_of(bench);
  processes.push_back(bench);
  return processes[random() % processes.size()];
}

// A worker whose bench was killed ends by itself, once it has started and read the end of its input.
void expect_nobody_stays(const Scene& scene) {
  const auto until = Clock::now() + std::chrono::seconds(20);
  while (!scene.processes().empty() && Clock::now() < until) poll(nullptr, 0, 10);
  EXPECT_EQ(scene.processes(), std::vector<pid_t>{});
}

// Works on one matrix until it is complete, killing at random. Returns the number of kills.
int complete_under_fire(Scene& scene, int kills_left, std::mt19937& random) {
  std::set<std::string> said;
  int kills = 0;
  for (;;) {
    const auto bench = scene.start(kMatrix);
    while (!has_ended(bench) && kills < kills_left) {
      let_work(bench, std::chrono::milliseconds(5 + random() % 400));
      if (!has_ended(bench) && kill(victim(bench, random), SIGKILL) == 0) ++kills;
    }
    const auto ended = scene.finish(bench);
    collect_finished(ended.output, said);
    if (ended.status == 0) break;
    EXPECT_TRUE(ended.status == 128 + SIGKILL || ended.status == 1 || ended.status == 8)
        << ended.status << ended.errors;
  }
  expect_each_once(scene, said);
  expect_nobody_stays(scene);
  return kills;
}

TEST(Kill, TwoHundredKillsLoseNothingAndDoubleNothing) {
  Scene undisturbed;
  ASSERT_EQ(undisturbed.run(kMatrix).status, 0);
  const auto expected = digests(undisturbed);
  ASSERT_EQ(expected.size(), static_cast<std::size_t>(kSeeds));
  std::mt19937 random(20261125);
  int kills = 0;
  while (kills < 200) {
    Scene scene;
    kills += complete_under_fire(scene, 200 - kills, random);
    EXPECT_EQ(digests(scene), expected);
    if (HasFailure()) break;
  }
}

TEST(Interrupt, StopsAtOnceKeepsWhatHasFinishedAndGoesOnLater) {
  Scene scene;
  const auto bench =
      scene.start({"--tier", "smoke", "-m", "good", "-m", "sleeps", "--seeds", "0-20", "-j", "2", "--json"});
  let_work(bench, std::chrono::seconds(2));
  kill(bench, SIGINT);
  const auto ended = scene.finish(bench);
  EXPECT_EQ(ended.status, 130) << ended.errors;
  EXPECT_EQ(scene.processes(), std::vector<pid_t>{});
  std::set<std::string> said;
  collect_finished(ended.output, said);
  for (const auto& key : said) EXPECT_TRUE(digests(scene).contains(key));
}

TEST(TwoBenches, ShareOneStoreWithoutDoubling) {
  Scene scene;
  const auto first = scene.start(kMatrix), second = scene.start(kMatrix);
  std::set<std::string> said;
  std::size_t finished = 0;
  for (const auto bench : {first, second}) {
    const auto ended = scene.finish(bench);
    EXPECT_EQ(ended.status, 0) << ended.errors;
    std::set<std::string> own;
    collect_finished(ended.output, own);
    finished += own.size();
    said.insert(own.begin(), own.end());
  }
  EXPECT_EQ(said.size(), static_cast<std::size_t>(kSeeds));
  EXPECT_EQ(finished, said.size()) << "no run was executed by both";
  expect_each_once(scene, said);
}

}  // namespace
}  // namespace assay
