// What bench says to wrong input: exit code and the whole line. A small checkout, and a worker that is only described,
// since none of these gets as far as starting one.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/strict_json.hpp"
#include "core/text.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

struct Answer {
  int code = 0;
  std::string out, err;
};

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-cli-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::permissions(root_, fs::perms::all);  // one test runs as nobody
    fs::copy_file(ASSAY_BENCH, root_ / "bench");
    write_file(root_ / "data/d/file.bin", "seven bytes");
    dataset_ = {{"id", "d"},
                {"title", "D"},
                {"reader", "r"},
                {"licence", "l"},
                {"citation", "c"},
                {"origin", {{"homepage", "h"}, {"obtain", "ask the author"}}},
                {"files", {{{"name", "file.bin"}, {"sha256", sha256("seven bytes")}, {"size", 11}}}}};
    task_ = Json::parse(R"({
      "id": "t", "title": "T", "description": "d", "output": "o", "baseline": "plain", "floor": "plain",
      "metrics": [{"name": "score", "title": "Score", "meaning": "m", "direction": "higher", "ranks": true}],
      "curves": [], "tiers": {"quick": {"seeds": [0, 1], "budget": {}, "time_limit_s": 10, "memory_mb": 100}},
      "settings": [{"id": "easy", "title": "E", "summary": "s", "dataset": "d", "parameters": {}, "tiers": ["quick"]}]})");
    card_ = {{"id", "plain"},
             {"name", "Plain"},
             {"summary", "s"},
             {"role", "baseline"},
             {"parameters", Json::array()},
             {"needs", {{"device", "any"}}},
             {"differences", Json::array()},
             {"reconstructed", Json::array()},
             {"claims", Json::array()}};
    write();
    write_file(root_ / "baselines/t/plain.cpp", "");
    write_file(root_ / "worker", "");
    const Json description{{"compiler", "c"},
                           {"flags", "f"},
                           {"libtorch", "2.13.0"},
                           {"libtorch_folder", "/none"},
                           {"methods", {{{"task", "t"}, {"id", "plain"}, {"source", "s"}, {"code", "x"}}}},
                           {"tasks", {{"t", "x"}}},
                           {"sources", Json::object()},
                           {"code", {{"x", Json::array()}}}};
    write_file(root_ / "worker.json", description.dump());
  }
  void TearDown() override { fs::remove_all(root_); }
  void write() const {
    write_file(root_ / "tasks/datasets/d.json", dataset_.dump());
    write_file(root_ / "tasks/t/task.json", task_.dump());
    write_file(root_ / "baselines/t/plain.json", card_.dump());
  }

  Answer bench(const std::string& arguments, const std::string& before = "") const {
    const auto folder = root_.string();
    const auto command = "cd " + folder + " && " + before + " env ASSAY_ROOT=" + folder + " ASSAY_WORKER=" + folder +
                         "/worker ASSAY_DATA=" + folder + "/data ASSAY_CACHE=" + folder + "/cache " + folder +
                         "/bench " + arguments + " > " + folder + "/out 2> " + folder + "/err";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), read_file(root_ / "out"), read_file(root_ / "err")};
  }
  // The line on standard error, with the checkout's folder as ROOT.
  std::string complaint(const Answer& answer) const {
    auto text = std::string(trim(answer.err));
    for (std::size_t at; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "ROOT");
    return text;
  }
  void expect(const std::string& arguments, int code, const std::string& line) const {
    const auto answer = bench(arguments);
    EXPECT_EQ(answer.code, code) << arguments;
    EXPECT_EQ(complaint(answer), line) << arguments;
  }

  fs::path root_;
  Json task_, card_, dataset_;
};

TEST_F(Cli, AnswersMisspeltWords) {
  expect("run --al", 2, "bench: run: unknown flag: found \"--al\"; did you mean --all?");
  expect("rum", 2,
         "bench: unknown command: expected one of list, show, plan, run, status, report, doctor, check, data, "
         "completion, found "
         "\"rum\"; did you mean run?");
  expect("run -m plane", 2,
         "bench: -m plane: unknown method: expected one of plain, found \"plane\"; did you mean plain?");
  expect("run -t u", 2, "bench: -t u: unknown task: expected one of t, found \"u\"; did you mean t?");
  expect("run --all --tier quik", 2,
         "bench: --tier: unknown tier: expected one of smoke, quick, standard, paper, found \"quik\"; did you mean "
         "quick?");
  expect("run --all --seeds 3-1", 2, "bench: --seeds: wrong seeds: expected a list such as 0,2,5-7, found \"3-1\"");
  expect("run", 2,
         "bench: bench: nothing named: expected --all, or one of -t, -m, --setting, found none; for example: bench "
         "run --all");
  expect("run --all --device tpu", 2,
         "bench: --device: unknown device: expected auto, cpu, cuda or cuda:N, found \"tpu\"");
  expect(
      "run --all --device cuda", 2,
      "bench: --device cuda: no CUDA in this LibTorch: expected libtorch_cuda.so in /none, found none; unpack it with "
      "./ci/setup --cuda, or use --device cpu");
}

TEST_F(Cli, NamesFileAndPointerOfAWrongDeclaration) {
  card_["summary"] = 7;
  write();
  expect("plan --all", 3, "bench: baselines/t/plain.json:/summary: wrong value: expected a text, found number 7");
  card_["summary"] = "s";
  card_["paramters"] = card_["parameters"];
  card_.erase("parameters");
  write();
  expect("plan --all", 3,
         "bench: baselines/t/plain.json:/: missing key \"parameters\": expected a list of objects, found "
         "nothing; is \"paramters\" a misspelling of it?");
  write_file(root_ / "baselines/t/plain.json", "{\"id\": \"plain\",\n  \"name\" 3}");
  const auto answer = bench("check");
  EXPECT_EQ(answer.code, 3);
  EXPECT_NE(complaint(answer).find("baselines/t/plain.json: broken JSON at line 2, column 10"), std::string::npos)
      << answer.err;
}

TEST_F(Cli, ChecksEverythingAndPrintsEveryFault) {
  EXPECT_EQ(bench("check").code, 0);
  write_file(root_ / "baselines/t/nocard.cpp", "");
  expect("check", 3,
         "bench: baselines/t/nocard.cpp: method without a card: expected baselines/t/nocard.json, found no such "
         "file; write it");
  fs::remove(root_ / "baselines/t/nocard.cpp");
  card_["claims"] = Json::parse(R"([{"id": "c", "says": "s", "source": "T1", "setting": "eesy", "metric": "score",
      "method": "plain", "against": "plain", "direction": "higher", "margin": 0}])");
  write();
  expect("check", 3,
         "bench: baselines/t/plain.json:/claims (c)/setting: unknown setting: expected one of easy, found "
         "\"eesy\"; did you mean easy?");
}

TEST_F(Cli, ShowsASettingWithoutDataAsUnavailable) {
  fs::remove(root_ / "data/d/file.bin");
  auto answer = bench("run --all --no-report");
  EXPECT_EQ(answer.code, 4);
  EXPECT_NE(answer.err.find("unavailable: "), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("ask the author"), std::string::npos) << answer.err;
  write_file(root_ / "data/d/file.bin", "seven bytez");
  answer = bench("plan --all");
  EXPECT_EQ(answer.code, 0);
  EXPECT_NE(answer.out.find("file.bin"), std::string::npos) << answer.out;
  EXPECT_EQ(bench("data verify d").code, 4);
}

TEST_F(Cli, RefusesStoresItCannotUse) {
  write_file(root_ / "results.db", std::string(5000, 'x'));
  expect("run --all", 5,
         "bench: ROOT/results.db: store is damaged: expected an SQLite file, found file is not a database; move "
         "it away and restore it, for example: git checkout -- results.db");
  EXPECT_EQ(read_file(root_ / "results.db"), std::string(5000, 'x'));  // nothing lost
  fs::remove(root_ / "results.db");
  SQLite::Database(root_ / "results.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("PRAGMA user_version = 7");
  expect("status", 5,
         "bench: ROOT/results.db: store from a newer Assay: expected version 1 or older, found version 7; update "
         "Assay, or name another store with --db");
  fs::remove(root_ / "results.db");
  SQLite::Database(root_ / "results.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE mine (x)");
  expect("run --all", 5,
         "bench: ROOT/results.db: not a store of Assay: expected a results.db, found another SQLite file; name "
         "another file with --db");
  expect("status --db absent.db", 5,
         "bench: absent.db: no store: expected a results.db, found nothing; make one with bench "
         "run, or name it with --db");
}

TEST_F(Cli, RefusesAReadOnlyStore) {
  ASSERT_EQ(bench("run --all -m plain --dry-run").code, 0);
  {
    SQLite::Database(root_ / "results.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("PRAGMA user_version = 0");
  }
  fs::permissions(root_ / "results.db", fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  // Root may write anything: there the store is opened as nobody.
  const auto answer = bench("run --all", geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "");
  EXPECT_EQ(answer.code, 5);
  EXPECT_EQ(complaint(answer),
            "bench: ROOT/results.db: store is read-only: expected a file that can be written, found no "
            "permission to write; chmod u+w it, or name another with --db");
}

TEST_F(Cli, HasExamplesInEveryHelp) {
  for (const std::string command :
       {"list", "show", "plan", "run", "status", "report", "doctor", "check", "data", "completion"}) {
    const auto answer = bench(command + " --help");
    EXPECT_EQ(answer.code, 0);
    EXPECT_NE(answer.out.find("Example"), std::string::npos) << command;
  }
}

TEST_F(Cli, CompletesInBash) {
  const auto answer = bench("completion bash");
  write_file(root_ / "completion.sh",
             answer.out + "\nCOMP_WORDS=(bench run --ti)\nCOMP_CWORD=2\n_bench\necho \"${COMPREPLY[@]}\"\n");
  const auto folder = root_.string();
  const auto command =
      "ASSAY_ROOT=" + folder + " PATH=" + folder + ":$PATH bash " + folder + "/completion.sh > " + folder + "/out";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(std::string(trim(read_file(root_ / "out"))), "--tier --timeout");
}

}  // namespace
}  // namespace assay
