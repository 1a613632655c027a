#include "engine/plan.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <set>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

// A checkout with one task, two settings, two methods and one data set of one file.
class PlanTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-plan-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    setenv("ASSAY_CACHE", (root_ / "cache").c_str(), 1);
    setenv("ASSAY_DATA", (root_ / "data").c_str(), 1);
    write_data("seven bytes");
    task_ = Json::parse(R"({
      "id": "t", "title": "T", "description": "d", "output": "o", "baseline": "plain", "floor": "plain",
      "metrics": [{"name": "score", "title": "Score", "meaning": "m", "direction": "higher", "ranks": true}],
      "curves": [],
      "tiers": {"quick": {"seeds": [0, 1], "budget": {"epochs": 2}, "time_limit_s": 10, "memory_mb": 100},
                "smoke": {"seeds": [0], "budget": {"epochs": 1}, "time_limit_s": 10, "memory_mb": 100}},
      "settings": [
        {"id": "easy", "title": "E", "summary": "s", "dataset": "d", "parameters": {"rate": 0.2}, "tiers": ["quick", "smoke"]},
        {"id": "hard", "title": "H", "summary": "s", "dataset": "d", "parameters": {"rate": 0.8}, "tiers": ["smoke"]}]})");
    plain_ = card("plain");
    tuned_ = card("tuned");
    tuned_["parameters"] =
        Json::parse(R"([{"name": "rho", "type": "real", "default": 0.05, "bounds": [0, 1], "meaning": "m"}])");
    tuned_["entries"] = Json::parse(R"([{"rho": 0.1}])");
    write();
    build_.compiler = "GNU 12", build_.flags = "-O2", build_.libtorch = "2.13.0", build_.libtorch_folder = "/none";
    build_.methods = {{"t", "plain", "baselines/t/plain.cpp", "code-plain"},
                      {"t", "tuned", "baselines/t/tuned.cpp", "code-tuned"}};
    build_.tasks = {{"t", "code-task"}};
  }
  void TearDown() override {
    fs::remove_all(root_);
    unsetenv("ASSAY_CACHE");
    unsetenv("ASSAY_DATA");
  }

  static Json card(const std::string& id) {
    return {{"id", id},
            {"name", id},
            {"summary", "s"},
            {"role", "baseline"},
            {"parameters", Json::array()},
            {"needs", {{"device", "any"}}},
            {"differences", Json::array()},
            {"reconstructed", Json::array()},
            {"claims", Json::array()}};
  }
  void write_data(const std::string& bytes) {
    write_file(root_ / "data/d/file.bin", bytes);
    const Json dataset{{"id", "d"},
                       {"title", "D"},
                       {"reader", "r"},
                       {"licence", "l"},
                       {"citation", "c"},
                       {"origin", {{"homepage", "h"}}},
                       {"files", {{{"name", "file.bin"}, {"sha256", sha256(bytes)}, {"size", bytes.size()}}}}};
    write_file(root_ / "tasks/datasets/d.json", dataset.dump());
  }
  void write() const {
    write_file(root_ / "tasks/t/task.json", task_.dump());
    write_file(root_ / "baselines/t/plain.json", plain_.dump());
    write_file(root_ / "baselines/t/tuned.json", tuned_.dump());
  }
  Plan plan(const Request& request = {}, const Store* store = nullptr) {
    catalog_ = read_catalog(root_);
    return make_plan(catalog_, build_, store, request);
  }
  std::map<std::string, std::string> keys(const Request& request = {}) {  // "label seed" -> key
    std::map<std::string, std::string> found;
    for (const auto& run : plan(request).runs) found[run.cell.label + " " + std::to_string(run.cell.seed)] = run.key;
    return found;
  }
  // The labels whose keys an edit has changed.
  std::set<std::string> changed_by(const std::function<void()>& edit) {
    const auto before = keys();
    edit();
    std::set<std::string> changed;
    for (const auto& [cell, key] : keys()) {
      if (before.at(cell) != key) changed.insert(cell.substr(0, cell.find(' ')));
    }
    return changed;
  }

  fs::path root_;
  Json task_, plain_, tuned_;
  Catalog catalog_;
  BuildInfo build_;
};

const std::set<std::string> kAll{"plain", "tuned", "tuned[rho=0.1]"};

TEST_F(PlanTest, HoldsEveryEntryAndSeedOfTheTier) {
  const auto runs = plan().runs;
  ASSERT_EQ(runs.size(), 6u);  // one setting, three entries, two seeds
  EXPECT_EQ(runs[4].cell.label, "tuned[rho=0.1]");
  EXPECT_EQ(runs[4].cell.parameters, Json({{"rho", 0.1}}));
  EXPECT_EQ(runs[5].cell.seed, 1);
  EXPECT_EQ(keys().size(), 6u);
}

TEST_F(PlanTest, RunsASettingNamedExactlyInAnyTierOfTheTask) {
  Request request;
  request.settings = {"hard"};
  EXPECT_EQ(plan(request).runs.size(), 6u);
  request.settings = {"h*"};
  EXPECT_THROW(plan(request), UsageError);  // a glob keeps to the declared tiers
}

// What the task computes (generated data, a teacher) is shared by its methods, and made anew when its code or the build is
// another.
TEST_F(PlanTest, ProvenanceOfArtefactsChangesWithTheTaskAndTheBuildAlone) {
  const auto provenance = [&](const Request& request = {}) {
    std::set<std::string> all;
    for (const auto& run : plan(request).runs) all.insert(run.provenance);
    EXPECT_EQ(all.size(), 1u);
    return *all.begin();
  };
  const auto before = provenance();
  build_.methods[1].code = "edited";
  EXPECT_EQ(provenance(), before);
  build_.tasks["t"] = "edited";
  const auto edited = provenance();
  EXPECT_NE(edited, before);
  build_.flags = "-O3";
  EXPECT_NE(provenance(), edited);
}

// The mutation test of the run key: what matters changes exactly the keys that it touches, what cannot matter changes
// none.
TEST_F(PlanTest, KeyChangesExactlyWithWhatMatters) {
  EXPECT_EQ(changed_by([&] { build_.methods[1].code = "edited"; }), (std::set<std::string>{"tuned", "tuned[rho=0.1]"}));
  EXPECT_EQ(changed_by([&] { build_.flags = "-O3"; }), kAll);
  EXPECT_EQ(changed_by([&] { build_.libtorch = "2.14.0"; }), kAll);
  EXPECT_EQ(changed_by([&] { write_data("8 bytes!"); }), kAll);
  EXPECT_EQ(changed_by([&] { task_["tiers"]["quick"]["budget"]["epochs"] = 3, write(); }), kAll);
  EXPECT_EQ(changed_by([&] { task_["settings"][0]["parameters"]["rate"] = 0.3, write(); }), kAll);
}

TEST_F(PlanTest, KeyChangesWithACardsValue) {
  const auto before = keys();
  tuned_["parameters"][0]["default"] = 0.06;
  write();
  const auto after = keys();
  EXPECT_EQ(before.at("plain 0"), after.at("plain 0"));
  EXPECT_NE(before.at("tuned 0"), after.at("tuned 0"));
  EXPECT_EQ(before.at("tuned[rho=0.1] 0"), after.at("tuned[rho=0.1] 0"));  // its value stands as it stood
}

TEST_F(PlanTest, KeyDoesNotChangeWithWhatCannotMatter) {
  EXPECT_EQ(changed_by([&] {
              task_["title"] = "Another title";
              task_["tiers"]["quick"]["time_limit_s"] = 99;
              tuned_["summary"] = "another summary";
              std::reverse(build_.methods.begin(), build_.methods.end());
              write();
              fs::last_write_time(root_ / "data/d/file.bin", fs::file_time_type::clock::now() + std::chrono::hours(1));
            }),
            std::set<std::string>{});
}

TEST_F(PlanTest, TellsCachedFailedMissingAndUnavailable) {
  Store store(root_ / "results.db", Store::Mode::kWrite);
  const auto first = plan({}, &store);
  EXPECT_EQ(first.count(CellState::kMissing), 6u);
  Execution execution;
  execution.environment = first.environment.id;
  for (const auto index : {0, 1}) {
    execution.key = first.runs[index].key, execution.cell = first.runs[index].cell, execution.code = "code";
    execution.failure = index == 0 ? "" : "timeout";
    execution.seconds = 2;
    store.record(execution, {"code", "", false, {}}, first.environment, false);
  }
  const auto second = plan({}, &store);
  EXPECT_EQ(second.runs[0].state, CellState::kCached);
  EXPECT_EQ(second.runs[1].state, CellState::kFailed);
  EXPECT_EQ(second.runs[1].estimate_s, 2);  // from the other seed
  EXPECT_EQ(second.count(CellState::kMissing), 4u);
  fs::remove(root_ / "data/d/file.bin");
  const auto third = plan({}, &store);
  EXPECT_EQ(third.count(CellState::kUnavailable), 6u);
  EXPECT_NE(third.runs[0].reason.find("file.bin"), std::string::npos);
}

TEST_F(PlanTest, RefusesWhatItDoesNotKnow) {
  const auto error = [&](const Request& request) {
    try {
      plan(request);
    } catch (const UsageError& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  Request request;
  request.methods = {"tunde"};
  EXPECT_EQ(error(request),
            "-m tunde: unknown method: expected one of plain, tuned, found \"tunde\"; did you mean tuned?");
  request.methods = {"tuned[rh=0.1]"};
  EXPECT_EQ(error(request),
            "-m tuned[rh=0.1]: unknown parameter: expected one of rho, found \"rh\"; did you mean rho?");
  request.methods = {"tuned[rho=2]"};
  EXPECT_EQ(error(request),
            "-m tuned[rho=...]: wrong parameter value: expected a number from 0 to 1, found \"2\"; see bench "
            "show tuned");
  request.methods = {};
  request.tier = "quik";
  EXPECT_EQ(error(request),
            "--tier: unknown tier: expected one of smoke, quick, standard, paper, found \"quik\"; did you mean quick?");
}

}  // namespace
}  // namespace assay
