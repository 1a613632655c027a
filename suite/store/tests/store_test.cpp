#include "store/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file() const { return folder_ / "results.db"; }
  void tamper(const char* sql) const { SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(sql); }
  fs::path folder_;
};

const Environment kEnvironment{"0123456789abcdef", {{"cpu", "test"}}};
const Code kCode{"c0de", "abc", false, {{"baselines/t/m.cpp", "11"}, {"suite/learn/loop.cpp", "22"}}};

Execution execution(const std::string& key, std::int64_t seed, const std::string& failure = "") {
  Execution made;
  made.key = key;
  made.cell = {"task", "setting", "quick", "method", "method", seed, Json::object(), {{"budget", {{"epochs", 3}}}}};
  made.code = kCode.id;
  made.environment = kEnvironment.id;
  made.data = "data";
  made.failure = failure;
  made.digest = "d" + key;
  made.started_ms = 1000;
  made.seconds = 0.5;
  made.metrics = {{"accuracy", 71.25}, {"ece", 0.125}};
  made.curves = {{"accuracy", {10.5, NAN, 71.25}}};
  made.predictions = {{"test", "u8", {4}, std::string("\0\1\2\3", 4)}};
  made.exhibit = Json::array({{{"id", "7"}}});
  made.notes = {{"realised_rate", 0.4}};
  made.pictures = {{"aa", "image/png", "png"}};
  return made;
}

TEST_F(StoreTest, GivesBackWhatWasRecorded) {
  Store store(file(), Store::Mode::kWrite);
  EXPECT_TRUE(store.record(execution("k1", 3), kCode, kEnvironment, false));
  const auto results = store.results();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].key, "k1");
  EXPECT_EQ(results[0].seed, 3);
  EXPECT_EQ(results[0].metrics, (std::vector<std::pair<std::string, double>>{{"accuracy", 71.25}, {"ece", 0.125}}));
  const auto id = results[0].id;
  const auto curve = store.curves(id).at("accuracy");
  EXPECT_EQ(curve[0], 10.5);
  EXPECT_TRUE(std::isnan(curve[1]));
  EXPECT_EQ(store.predictions(id).at(0).bytes, std::string("\0\1\2\3", 4));
  EXPECT_EQ(store.exhibit(id).at(0).at("id"), "7");
  EXPECT_EQ(store.notes(id).at("realised_rate"), 0.4);
  EXPECT_EQ(store.protocol(id).at("budget").at("epochs"), 3);
  EXPECT_EQ(store.picture("aa")->bytes, "png");
  EXPECT_EQ(store.code("c0de")->sources.at(1).path, "suite/learn/loop.cpp");
  EXPECT_EQ(store.environments().at(0).body.at("cpu"), "test");
  EXPECT_EQ(store.keys_starting_with("k"), std::vector<std::string>{"k1"});
}

TEST_F(StoreTest, RefusesToDoubleARun) {
  Store store(file(), Store::Mode::kWrite);
  EXPECT_TRUE(store.record(execution("k", 0, failure::kTimeout), kCode, kEnvironment, false));
  EXPECT_TRUE(store.record(execution("k", 0), kCode, kEnvironment, false));   // a failed run may be repeated
  EXPECT_FALSE(store.record(execution("k", 0), kCode, kEnvironment, false));  // an ok one only when asked
  EXPECT_TRUE(store.record(execution("k", 0), kCode, kEnvironment, true));
  EXPECT_EQ(store.executions("k").size(), 3u);
  EXPECT_EQ(store.results().size(), 1u);
}

TEST_F(StoreTest, ShowsTheLatestAttemptOfACellEvenIfItFailed) {
  Store store(file(), Store::Mode::kWrite);
  auto early = execution("old-code", 0);
  auto late = execution("new-code", 0, failure::kCrash);
  late.started_ms = 2000;
  store.record(early, kCode, kEnvironment, false);
  store.record(late, kCode, kEnvironment, false);
  const auto results = store.results();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].failure, failure::kCrash);
  EXPECT_EQ(store.states(kEnvironment.id).at("old-code"), Store::State::kOk);
}

TEST_F(StoreTest, ChainsItsEvents) {
  {
    Store store(file(), Store::Mode::kWrite);
    store.record(execution("k1", 0), kCode, kEnvironment, false);
    store.record(execution("k2", 1), kCode, kEnvironment, false);
    EXPECT_EQ(store.verify_events(), "");
  }
  tamper("UPDATE event SET at_ms = 5 WHERE id = 1");
  EXPECT_NE(Store(file(), Store::Mode::kRead).verify_events().find("event 1"), std::string::npos);
}

std::string error_of(const fs::path& file, Store::Mode mode) {
  try {
    Store store(file, mode);
    store.results();
  } catch (const StoreError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(StoreTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(error_of(file(), Store::Mode::kRead),
            file().string() +
                ": no store: expected a results.db, found nothing; make one with bench run, or name it with --db");
  write_file(file(), std::string(4096, 'x'));
  EXPECT_EQ(
      error_of(file(), Store::Mode::kWrite),
      file().string() +
          ": store is damaged: expected an SQLite file, found file is not a database; move it away and restore it, for "
          "example: git checkout -- results.db");
}

TEST_F(StoreTest, RefusesANewerVersion) {
  { Store store(file(), Store::Mode::kWrite); }
  tamper("PRAGMA user_version = 9");
  EXPECT_EQ(error_of(file(), Store::Mode::kWrite),
            file().string() +
                ": store from a newer Assay: expected version 1 or "
                "older, found version 9; update Assay, or name another store with --db");
}

TEST_F(StoreTest, TakesWritersFromSeveralProcesses) {
  { Store store(file(), Store::Mode::kWrite); }
  constexpr int kProcesses = 4, kRuns = 25;
  for (int process = 0; process < kProcesses; ++process) {
    if (fork() != 0) continue;
    Store store(file(), Store::Mode::kWrite);
    for (int run = 0; run < kRuns; ++run) {
      store.record(execution("k" + std::to_string(run), run), kCode, kEnvironment, false);  // all want the same keys
    }
    _exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) {
    int status = 0;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
  Store store(file(), Store::Mode::kRead);
  EXPECT_EQ(store.results().size(), std::size_t{kRuns});
  EXPECT_EQ(store.verify_events(), "");
}

}  // namespace
}  // namespace assay
