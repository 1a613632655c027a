// Whatever a method does, it costs one row with the right class of failure, and nobody else anything.
#include <gtest/gtest.h>

#include <map>

#include "tests/scene.hpp"

namespace assay {
namespace {

const std::map<std::string, std::string> kExpected{
    {"good", ""},
    {"throws", failure::kException},
    {"throws-a-number", failure::kException},
    {"aborts", failure::kAbort},
    {"segfaults", failure::kCrash},
    {"is-killed", failure::kKilled},
    {"sleeps", failure::kTimeout},
    {"is-busy", failure::kTimeout},
    {"memory-bomb", failure::kOutOfMemory},
    {"asks-too-much", failure::kOutOfMemory},
    {"leaves-fifty", ""},
    {"leaves-an-orphan", ""},
    {"returns-twice", ""},
    {"fills-the-disk", failure::kDiskFull},
    {"diverges", failure::kNonFinite},
    {"gives-nan", failure::kNonFinite},
    {"gives-no-metric", failure::kMissingMetric},
    {"floods", failure::kOutputFlood},
    {"closes-streams", ""},
    {"writes-junk", ""},
    {"kills-its-worker", failure::kWorkerLost},
    {"exits", failure::kExit},
    {"exits-well", failure::kExit},
    {"finds-changed-data", failure::kData},
};

class Faults : public testing::TestWithParam<const char*> {};

TEST_P(Faults, EachGivesOneRowOfItsClassAndHarmsNoOther) {
  Scene scene;
  const auto ended = scene.run({"--tier", "smoke", "-j", GetParam()});
  EXPECT_EQ(ended.status, 1) << ended.output << ended.errors;
  std::map<std::string, std::string> found;
  for (const auto& result : scene.results()) {
    found[result.method] = result.failure;
    EXPECT_EQ(result.failure.empty(), result.message.empty()) << result.method << ": " << result.message;
    const Store store(scene.store_file(), Store::Mode::kRead);
    EXPECT_EQ(store.executions(result.key).size(), 1u) << result.method;
  }
  EXPECT_EQ(found, kExpected) << ended.output;
  EXPECT_EQ(scene.processes(), std::vector<pid_t>{}) << "survivors";
  EXPECT_TRUE(std::filesystem::is_empty(scene.folder() / "tmp")) << "temporary files are left";
}
INSTANTIATE_TEST_SUITE_P(Slots, Faults, testing::Values("1", "2"),
                         [](const auto& each) { return std::string("On") + each.param; });

Result only(const Scene& scene) {
  const auto results = scene.results();
  EXPECT_EQ(results.size(), 1u);
  return results.at(0);
}

TEST(Messages, NameTheCauseInOneLine) {
  const auto message_of = [](const char* method) {
    Scene scene;
    scene.run({"--tier", "smoke", "-m", method});
    return only(scene).message;
  };
  EXPECT_EQ(message_of("throws"), "the loss went through the roof");
  EXPECT_EQ(message_of("aborts"), "killed by SIGABRT (Aborted); last printed: assertion failed: 1 == 2");
  EXPECT_EQ(message_of("sleeps"), "still running after its limit of 3.0 s");
  EXPECT_EQ(message_of("gives-nan"), "metric score is nan");
  EXPECT_EQ(message_of("gives-no-metric"), "ended well without the metric score");
  EXPECT_EQ(message_of("floods"), "printed more than 67.1 MB");
  EXPECT_EQ(message_of("exits"), "ended by exit(3) before it gave a result");
}

TEST(Cache, RunsNothingTwiceAndFailuresOnlyOnDemand) {
  Scene scene;
  const std::vector<std::string> some{"--tier", "smoke", "-m", "good", "-m", "throws", "--json"};
  const auto finished = [&](std::vector<std::string> more) {
    more.insert(more.begin(), some.begin(), some.end());
    const auto output = scene.run(more).output;
    std::size_t count = 0;
    for (auto at = output.find("\"finished\""); at != std::string::npos; at = output.find("\"finished\"", at + 1))
      ++count;
    return count;
  };
  EXPECT_EQ(finished({}), 2u);
  EXPECT_EQ(finished({}), 0u);
  EXPECT_EQ(finished({"--rerun-failed"}), 1u);
  EXPECT_EQ(finished({"--force"}), 2u);
}

TEST(Digests, AreEqualForTwoExecutionsOfARun) {
  Scene first, second;
  for (auto* scene : {&first, &second}) scene->run({"--tier", "smoke", "-m", "good"});
  EXPECT_EQ(only(first).digest, only(second).digest);
  EXPECT_EQ(only(first).key, only(second).key);
}

TEST(FailFast, StartsNothingAfterTheFirstFailure) {
  Scene scene;
  const auto ended = scene.run({"--tier", "smoke", "-m", "throws", "--seeds", "0-9", "-j", "1", "--fail-fast"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(scene.results().size(), 1u);
}

}  // namespace
}  // namespace assay
