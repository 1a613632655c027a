#include "catalog/catalog.hpp"

#include "toy_catalog.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class CatalogReader : public ToyCatalog {};

TEST_F(CatalogReader, ReadsEverything) {
  const auto catalog = read_catalog(root());
  const auto& task = *catalog.task("toy");
  EXPECT_EQ(task.ranking().name, "accuracy");
  EXPECT_EQ(task.metric("accuracy")->high, 100);
  EXPECT_EQ(task.metric("loss")->high, std::nullopt);
  EXPECT_EQ(task.metric("loss")->direction, Direction::kLower);
  EXPECT_EQ(task.setting("plain")->tiers.at("quick").seeds, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_FALSE(task.setting("plain")->tiers.contains("paper"));
  ASSERT_EQ(task.views.size(), 1u);
  EXPECT_EQ(task.views[0].metric, "loss");
  EXPECT_EQ(task.views[0].shows, (std::vector<std::string>{"accuracy"}));
  EXPECT_EQ(task.cost, "time");
  EXPECT_EQ(task.metric("closed")->closes->to, "mean");
  EXPECT_FALSE(task.metric("closed")->required);
  EXPECT_EQ(task.legend.at(0).colour, "#56b4e9");
  const auto& method = *catalog.method("toy", "mean");
  EXPECT_TRUE(method.deterministic);
  EXPECT_FALSE(catalog.method("toy", "constant")->deterministic);
  EXPECT_EQ(method.paper->year, 2020);
  EXPECT_EQ(method.parameter("q")->value_for("smoke"), 0.25);
  EXPECT_EQ(method.parameter("n")->value_for("smoke"), 3);
  EXPECT_EQ(method.claims.at(0).reported_against, 50);
  const auto& dataset = *catalog.dataset("toy");
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_TRUE(dataset.files.at(0).pinned());
  EXPECT_FALSE(dataset.files.at(1).pinned());
  EXPECT_FALSE(dataset.files.at(1).is_folder());
  EXPECT_TRUE(dataset.files.at(2).is_folder());
  EXPECT_FALSE(dataset.generated);
  EXPECT_EQ(check_catalog(root()), std::vector<std::string>{});
}

TEST_F(CatalogReader, EntriesAreLabelledByWhatIsUnusual) {
  const auto catalog = read_catalog(root());
  const auto& method = *catalog.method("toy", "mean");
  EXPECT_EQ(entry_of(method, "quick", Json::object()).label, "mean");
  EXPECT_EQ(entry_of(method, "quick", {{"q", 0.25}}).label, "mean");
  EXPECT_EQ(entry_of(method, "standard", {{"q", 0.75}, {"kind", "y"}}).label, "mean[q=0.75,kind=y]");
}

TEST_F(CatalogReader, AMisspeltKeyGetsTheNearestOne) {
  auto task = example(kTaskFile);
  task["metrics"][0]["titel"] = task["metrics"][0]["title"];
  EXPECT_EQ(fault(kTaskFile, task),
            "tasks/toy/task.json:/metrics/0/titel: unknown key: expected one of bounds, closes, decimals, diagnostic, "
            "direction, "
            "meaning, name, ranks, required, selection, title, unit, found \"titel\"; did you mean title?");
  task = example(kTaskFile);
  task["metrics"][0]["titel"] = "x";
  task["metrics"][0].erase("title");
  EXPECT_EQ(fault(kTaskFile, task),
            "tasks/toy/task.json:/metrics/0: missing key \"title\": expected a text, found nothing; is \"titel\" a "
            "misspelling of it?");
}

TEST_F(CatalogReader, SaysWhereExpectedAndFound) {
  EXPECT_EQ(fault(kTaskFile, "/title", 3), "tasks/toy/task.json:/title: wrong value: expected a text, found number 3");
  EXPECT_EQ(
      fault(kTaskFile, "/tiers/smoke/seeds", {1, 1}),
      "tasks/toy/task.json:/tiers/smoke/seeds: wrong value: expected a list of distinct integers, none negative, found "
      "[1,1]");
  EXPECT_EQ(fault(kTaskFile, "/tiers/smoke/time_limit_s", 0),
            "tasks/toy/task.json:/tiers/smoke/time_limit_s: wrong value: expected more than 0, found 0");
  EXPECT_EQ(
      fault(kTaskFile, "/settings/0/tiers", {"fast"}),
      "tasks/toy/task.json:/settings/0/tiers: wrong value: expected tiers of this task: quick, smoke, found \"fast\"");
  EXPECT_EQ(fault(kTaskFile, "/metrics/1/ranks", true),
            "tasks/toy/task.json:/metrics: wrong value: expected exactly one metric with \"ranks\": true, found 2");
  EXPECT_EQ(fault(kTaskFile, "/metrics/0/bounds", {100, 0}),
            "tasks/toy/task.json:/metrics/0/bounds: wrong value: expected low <= high, found [100,0]");
  EXPECT_EQ(fault(kTaskFile, "/views/0/metric", "los"),
            "tasks/toy/task.json:/views/0/metric: wrong value: expected metrics of this task: accuracy, loss, closed, "
            "time, found "
            "\"los\"");
  EXPECT_EQ(fault(kTaskFile, "/views/0/shows", {"los"}),
            "tasks/toy/task.json:/views/0/shows: wrong value: expected metrics of this task: accuracy, loss, closed, "
            "time, found "
            "\"los\"");
  auto twice = example(kTaskFile);
  twice["views"].push_back(twice["views"][0]);
  EXPECT_EQ(fault(kTaskFile, twice),
            "tasks/toy/task.json:/views/1/id: wrong value: expected each id once, found \"losses\"");
  EXPECT_EQ(
      fault(kTaskFile, "/legend/0/colour", "red"),
      "tasks/toy/task.json:/legend/0/colour: wrong value: expected # and six lower-case hexadecimal digits, found "
      "\"red\"");
  EXPECT_EQ(
      fault(kMethodFile, "/role", "papr"),
      "baselines/toy/mean.json:/role: wrong value: expected one of reference, baseline, paper, found \"papr\"; did you "
      "mean paper?");
  EXPECT_EQ(
      fault(kMethodFile, "/parameters/0/defaults/smoke", 2),
      "baselines/toy/mean.json:/parameters/0/defaults/smoke: wrong value: expected a value within the bounds, found 2");
  EXPECT_EQ(fault(kMethodFile, "/parameters/3/default", "z"),
            "baselines/toy/mean.json:/parameters/3/default: wrong value: expected one of x, y, found \"z\"");
  EXPECT_EQ(
      fault(kMethodFile, "/entries/0/wram", true),
      "baselines/toy/mean.json:/entries/0/wram: unknown key: expected one of kind, n, q, warm, found \"wram\"; did "
      "you mean warm?");
  EXPECT_EQ(
      fault(kDatasetFile, "/files/0/sha256", "0A"),
      "tasks/datasets/toy.json:/files/0/sha256: wrong value: expected 64 lower-case hexadecimal digits, found \"0A\"");
  EXPECT_EQ(fault(kDatasetFile, "/files/1/url", "https://example.org/b"),
            "tasks/datasets/toy.json:/files/1: missing key \"sha256\": expected a text, found nothing; add it");
  EXPECT_EQ(fault(kDatasetFile, "/files/1/name", "a"),
            "tasks/datasets/toy.json:/files/1/name: wrong value: expected each name once, found \"a\" twice");
  EXPECT_EQ(fault(kDatasetFile, "/files/0/name", "a/"),
            "tasks/datasets/toy.json:/files/0/url: wrong value: expected none for a folder, found "
            "\"https://example.org/a\"");
  EXPECT_EQ(fault(kDatasetFile, "/files", Json::array()),
            "tasks/datasets/toy.json:/files: wrong value: expected at least one file, found none");
  EXPECT_EQ(fault(kDatasetFile, "/generated", true),
            "tasks/datasets/toy.json:/files: wrong value: expected none, since the data are generated, found 3");
}

TEST_F(CatalogReader, NamesMustExistElsewhere) {
  EXPECT_EQ(fault(kTaskFile, "/id", "toys"),
            "tasks/toy/task.json:/id: wrong value: expected the folder's name \"toy\", found \"toys\"");
  EXPECT_EQ(fault(kTaskFile, "/baseline", "men"),
            "tasks/toy/task.json:/baseline: unknown method: expected one of constant, mean, found \"men\"; did you "
            "mean mean?");
  EXPECT_EQ(fault(kTaskFile, "/settings/0/dataset", "toi"),
            "tasks/toy/task.json:/settings (plain)/dataset: unknown data set: expected one of toy, found \"toi\"; did "
            "you mean "
            "toy?");
  EXPECT_EQ(fault(kMethodFile, "/claims/0/metric", "accurcy"),
            "baselines/toy/mean.json:/claims (better)/metric: unknown metric: expected one of accuracy, loss, closed, "
            "time, found "
            "\"accurcy\"; did you mean accuracy?");
}

TEST_F(CatalogReader, BrokenJsonIsPlaced) {
  write_file(root() / kDatasetFile, "{\n  \"id\": \"toy\",,\n}");
  const auto faults = check_catalog(root());
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].find("tasks/datasets/toy.json: broken JSON at line 2, column 15: found syntax error"), 0u)
      << faults[0];
  EXPECT_NE(faults[1].find("unknown data set"), std::string::npos) << faults[1];
}

TEST_F(CatalogReader, AKeyGivenTwiceIsRefused) {
  write_file(root() / kDatasetFile, R"({"id": "toy", "title": "a", "id": "toy"})");
  EXPECT_EQ(check_catalog(root()).at(0),
            "tasks/datasets/toy.json: key given twice: expected each key once, found \"id\"");
}

TEST_F(CatalogReader, NoRunReportsWhatABoardComputes) {
  EXPECT_EQ(
      fault(kTaskFile, "/metrics/2/required", true),
      "tasks/toy/task.json:/metrics/2/closes: wrong value: expected a metric that is neither required nor ranks nor "
      "selects, since no run reports it, found one that does");
  EXPECT_EQ(fault(kTaskFile, "/metrics/2/closes/to", "men"),
            "tasks/toy/task.json:/metrics (closed)/closes: unknown method: expected one of constant, mean, found "
            "\"men\"; did you mean mean?");
  EXPECT_EQ(fault(kTaskFile, "/views/0/metric", "closed"),
            "tasks/toy/task.json:/views/0/metric: wrong value: expected a metric that runs report, found \"closed\"");
}

TEST_F(CatalogReader, ACostIsInSeconds) {
  for (const auto* other : {"loss", "tim"}) {
    EXPECT_EQ(fault(kTaskFile, "/cost", other),
              "tasks/toy/task.json:/cost: wrong value: expected a metric of this task with the unit \"s\", found \"" +
                  std::string(other) + "\"");
  }
}

TEST_F(CatalogReader, CheckGathersAllFaults) {
  put(kDatasetFile, Json::object());
  put(kMethodFile, Json::array());
  const auto faults = check_catalog(root());
  ASSERT_EQ(faults.size(), 3u);  // the two files, and the task's method that is missing now
  EXPECT_EQ(faults[1], "baselines/toy/mean.json:/: wrong type: expected an object, found array []");
}

TEST_F(CatalogReader, AFolderWithoutDeclarationsIsRefused) {
  try {
    read_catalog(root() / "baselines");
    FAIL();
  } catch (const DeclarationError& error) {
    EXPECT_EQ(error.what(),
              (root() / "baselines").string() +
                  ": no declarations: expected a folder tasks/ in it, found none; run bench inside a checkout, "
                  "or name one with ASSAY_ROOT");
  }
}

TEST_F(CatalogReader, ParametersAreParsedStrictly) {
  const auto catalog = read_catalog(root());
  const auto& method = *catalog.method("toy", "mean");
  const auto parsed = [&](const std::string& name, const std::string& text) -> std::string {
    try {
      return method.parameter(name)->parsed(text, "mean").dump();
    } catch (const UsageError& error) {
      return error.problem().expected;
    }
  };
  EXPECT_EQ(parsed("q", "0.25"), "0.25");
  EXPECT_EQ(parsed("q", "1e-1"), "0.1");
  EXPECT_EQ(parsed("q", "2"), "a number from 0 to 1");
  EXPECT_EQ(parsed("q", "0.5x"), "a number");
  EXPECT_EQ(parsed("q", "nan"), "a number");
  EXPECT_EQ(parsed("n", "7"), "7");
  EXPECT_EQ(parsed("n", "7.5"), "an integer");
  EXPECT_EQ(parsed("n", "1e300"), "an integer");
  EXPECT_EQ(parsed("n", "inf"), "a number");
  EXPECT_EQ(parsed("warm", "true"), "true");
  EXPECT_EQ(parsed("warm", "1"), "true or false");
  EXPECT_EQ(parsed("kind", "y"), "\"y\"");
  EXPECT_EQ(parsed("kind", "z"), "one of x, y");
}

TEST_F(ToyCatalog, SparseSettingsRunAPart) {
  const auto catalog = read_catalog(root());
  const auto& thin = *catalog.task("toy")->setting("thin");
  EXPECT_EQ(thin.tiers.at("smoke").seeds, (std::vector<std::int64_t>{0}));
  EXPECT_EQ(thin.tiers.at("quick").seeds, (std::vector<std::int64_t>{0}));
  EXPECT_EQ(thin.tiers.at("standard").seeds, (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(thin.tiers.at("quick").runs("mean"));
  EXPECT_FALSE(thin.tiers.at("quick").runs("mean[q=0.75]"));
  EXPECT_FALSE(thin.tiers.at("quick").runs("constant"));
  EXPECT_TRUE(thin.tiers.at("smoke").runs("constant"));
  EXPECT_EQ(catalog.task("toy")->setting("plain")->tiers.at("quick").seeds, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(fault(kTaskFile, "/settings/1/sparse/quick/entries/0", "men"),
            "tasks/toy/task.json:/settings (thin)/sparse/quick: unknown entry: expected one of constant, mean, "
            "mean[q=0.75], found \"men\"; did you mean mean?");
  // A method's label that is no entry of its card would run nothing.
  EXPECT_NE(fault(kTaskFile, "/settings/1/sparse/quick/entries/0", "mean[q=0.5]").find("unknown entry"),
            std::string::npos);
}

TEST_F(ToyCatalog, MethodsPlaySomeProtocols) {
  const auto catalog = read_catalog(root());
  const auto& task = *catalog.task("toy");
  const auto &plain = *task.setting("plain"), &thin = *task.setting("thin");
  EXPECT_EQ(thin.parameters, (Json{{"protocol", "once"}}));
  const auto& constant = *catalog.method("toy", "constant");
  EXPECT_TRUE(takes_part(entry_of(constant, "quick", Json::object()), "quick", plain));
  EXPECT_FALSE(takes_part(entry_of(constant, "quick", Json::object()), "quick", thin));
  // `kind` means something in "once" only: changed from the tier's default it does not run elsewhere.
  const auto& mean = *catalog.method("toy", "mean");
  const auto changed = entry_of(mean, "quick", {{"kind", "y"}});
  EXPECT_FALSE(takes_part(changed, "quick", plain));
  EXPECT_TRUE(takes_part(changed, "quick", thin));
  EXPECT_TRUE(takes_part(entry_of(mean, "quick", {{"n", 4}}), "quick", plain));
  EXPECT_TRUE(takes_part(entry_of(mean, "paper", {{"kind", "y"}}), "paper", plain));
}

TEST_F(ToyCatalog, SettingsTakeTheirProtocolsBudget) {
  const auto catalog = read_catalog(root());
  const auto &plain = *catalog.task("toy")->setting("plain"), &thin = *catalog.task("toy")->setting("thin");
  EXPECT_EQ(plain.tiers.at("quick").budget, (Json{{"epochs", 3}}));
  EXPECT_EQ(thin.tiers.at("smoke").budget, (Json{{"epochs", 1}}));  // its own value over the tier's 2
  EXPECT_EQ(thin.tiers.at("standard").budget, (Json{{"batch", 8}}));
  EXPECT_EQ(catalog.task("toy")->progress_of(&plain).title, "round");
  EXPECT_EQ(catalog.task("toy")->progress_of(&plain).from, 0);
  EXPECT_EQ(catalog.task("toy")->progress_of(&thin).title, "budget");
  EXPECT_TRUE(plain.others.empty());  // standard and paper have no budget for "rounds"
  EXPECT_EQ(fault(kTaskFile, "/settings/0/tiers/0", "paper"),
            "tasks/toy/task.json:/settings/0/tiers: wrong value: expected tiers of this task: quick, smoke, "
            "found \"paper\"");
}

TEST_F(ToyCatalog, ProtocolsMustBeKnownAndNamedByAll) {
  EXPECT_EQ(
      fault(kMethodFile, "/protocols/0", "round"),
      "baselines/toy/mean.json:/protocols: unknown protocol: expected one of once, rounds, found \"round\"; did you "
      "mean rounds?");
  EXPECT_EQ(fault(kMethodFile, "/protocols", Json::array()),
            "baselines/toy/mean.json:/protocols: wrong value: expected of once, rounds, found none");
  EXPECT_EQ(fault(kMethodFile, "/parameters/3/protocols/0", "twice")
                .find("baselines/toy/mean.json:/parameters (kind)/protocols: unknown protocol"),
            0u);
  auto task = example(kTaskFile);
  task["settings"][1].erase("protocol");
  EXPECT_EQ(fault(kTaskFile, task),
            "tasks/toy/task.json:/settings (thin)/protocol: wrong value: expected a protocol, as other settings have, "
            "found none");
  EXPECT_EQ(fault(kMethodFile, "/claims/0/setting", "thin"),
            "baselines/toy/mean.json:/claims (better)/setting: unknown protocol of constant: expected one of rounds, "
            "found \"once\"");
}

}  // namespace
}  // namespace assay
