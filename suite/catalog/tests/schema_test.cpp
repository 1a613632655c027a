// The schemas in suite/catalog/schema/ and the reader must agree: both are tried on the examples, on systematically
// damaged copies of them, and on the declarations of this checkout.
#include <regex>

#include "schema_validator.hpp"
#include "toy_catalog.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

// What a schema cannot say: names that must exist elsewhere, and relations between values.
const std::regex kReaderOnly(
    "a metric (that (is neither|runs report)|of this task with)|the folder's name|the file's stem|unknown "
    "(method|entry|setting|metric|data set|task)|each name once|each id once|"
    "exactly one metric|metrics of this task|tiers of this task|low <= high|within the bounds|/default(s/\\w+)?: wrong "
    "value: expected one "
    "of|"
    "/entries/|none for a folder|/protocols?: wrong value|unknown protocol|/(sparse|budgets)/\\w+: unknown key");

struct Mutation {
  std::string what;
  Json content;
};

// Every value replaced by one of each kind, every key deleted, an unknown key in every object.
void mutate(const Json& whole, const Json::json_pointer& here, std::vector<Mutation>& mutations) {
  const Json& value = whole.at(here);
  for (const Json& other : {Json(nullptr), Json(true), Json(-1), Json(1.5), Json(""), Json("x"), Json::array(),
                            Json::array({"x"}), Json::object()}) {
    Json changed = whole;
    changed[here] = other;
    mutations.push_back({here.to_string() + " = " + other.dump(), changed});
  }
  if (value.is_object()) {
    Json changed = whole;
    changed[here]["unknwon"] = "x";
    mutations.push_back({here.to_string() + " with an unknown key", changed});
    for (const auto& [key, item] : value.items()) {
      changed = whole;
      changed[here].erase(key);
      mutations.push_back({(here / key).to_string() + " deleted", changed});
      mutate(whole, here / key, mutations);
    }
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) mutate(whole, here / i, mutations);
}

class Schemas : public ToyCatalog {
 protected:
  static SchemaValidator schema(const std::string& kind) {
    const auto file = fs::path(ASSAY_SOURCE_DIR) / "suite/catalog/schema" / (kind + ".schema.json");
    return SchemaValidator(read_json(file, file.string()));
  }

  // On the example, and on variants of it: together they must hold every key of the schema.
  void compare(const std::string& kind, const std::string& file, std::vector<Json> examples = {}) {
    auto validator = schema(kind);
    examples.push_back(example(file));
    for (const auto& whole : examples) ASSERT_TRUE(validator.accepts(whole)) << whole;
    EXPECT_EQ(validator.properties_never_seen(), std::set<std::string>{}) << "the examples must hold every key";
    for (const auto& whole : examples) compare(validator, file, whole);
  }

  void compare(SchemaValidator& validator, const std::string& file, const Json& whole) {
    ASSERT_EQ(fault(file, whole), "");
    std::vector<Mutation> mutations;
    mutate(whole, Json::json_pointer(), mutations);
    int refused = 0;
    for (const auto& [what, content] : mutations) {
      const bool valid = validator.accepts(content);
      const auto line = fault(file, content);
      refused += !valid;
      if (valid && std::regex_search(line, kReaderOnly)) continue;
      EXPECT_EQ(valid, line.empty()) << what << ": the schema " << (valid ? "accepts" : "refuses")
                                     << ", the reader says: " << line;
    }
    EXPECT_GT(refused, static_cast<int>(mutations.size()) / 2);
  }
};

TEST_F(Schemas, AgreeWithTheReaderOnTasks) { compare("task", kTaskFile); }
TEST_F(Schemas, AgreeWithTheReaderOnMethods) { compare("method", kMethodFile); }
TEST_F(Schemas, AgreeWithTheReaderOnDatasets) {
  Json generated = example(kDatasetFile);
  generated["generated"] = true;
  generated["files"] = Json::array();
  compare("dataset", kDatasetFile, {generated});
}

TEST_F(Schemas, AcceptTheDeclarationsOfThisCheckout) {
  const fs::path root = ASSAY_SOURCE_DIR;
  int seen = 0;
  for (const auto* folder : {"tasks", "baselines"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto& file = entry.path();
      const bool in_tests = file.string().find("/tests/") != std::string::npos;
      if (file.extension() != ".json" || in_tests) continue;
      const std::string kind = folder == std::string("baselines")            ? "method"
                               : file.filename() == "task.json"              ? "task"
                               : file.parent_path().filename() == "datasets" ? "dataset"
                                                                             : "";
      if (kind.empty()) continue;
      EXPECT_TRUE(schema(kind).accepts(read_json(file, file.string()))) << file;
      ++seen;
    }
  }
  EXPECT_GT(seen, 5);
}

}  // namespace
}  // namespace assay
