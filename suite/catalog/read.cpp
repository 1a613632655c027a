// Reading of the three kinds of declaration.
#include <algorithm>
#include <set>

#include "catalog/catalog.hpp"
#include "catalog/cross_check.hpp"
#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

Direction read_direction(StrictObject& object) {
  return object.choice("direction", {"higher", "lower"}) == "higher" ? Direction::kHigher : Direction::kLower;
}

void read_bounds(StrictObject& object, std::optional<double>& low, std::optional<double>& high) {
  const auto bounds = object.maybe_any("bounds");
  if (!bounds) return;
  const bool pair =
      bounds->is_array() && bounds->size() == 2 &&
      std::all_of(bounds->begin(), bounds->end(), [](const Json& b) { return b.is_number() || b.is_null(); });
  if (!pair) object.wrong("bounds", "[low, high], null for none", bounds->dump());
  if (!(*bounds)[0].is_null()) low = (*bounds)[0].get<double>();
  if (!(*bounds)[1].is_null()) high = (*bounds)[1].get<double>();
  if (low && high && *low > *high) object.wrong("bounds", "low <= high", bounds->dump());
}

Gap read_gap(StrictObject object) {
  Gap gap{object.text("from"), object.text("to"), object.real("least")};
  object.done();
  return gap;
}

Metric read_metric(StrictObject object) {
  Metric metric;
  metric.name = object.text("name");
  metric.title = object.text("title");
  metric.unit = object.maybe_text("unit").value_or("");
  metric.meaning = object.text("meaning");
  metric.direction = read_direction(object);
  read_bounds(object, metric.low, metric.high);
  metric.ranks = object.flag_or("ranks", false);
  metric.selection = object.flag_or("selection", false);
  metric.diagnostic = object.flag_or("diagnostic", false);
  if (auto gap = object.maybe_object("closes")) metric.closes = read_gap(*gap);
  metric.required = object.flag_or("required", !metric.closes);
  if (metric.closes && (metric.required || metric.ranks || metric.selection)) {
    object.wrong("closes", "a metric that is neither required nor ranks nor selects, since no run reports it",
                 "one that does");
  }
  metric.decimals = static_cast<int>(object.maybe_integer("decimals").value_or(2));
  if (metric.decimals < 0 || metric.decimals > 9) {
    object.wrong("decimals", "0 to 9", std::to_string(metric.decimals));
  }
  object.done();
  return metric;
}

std::vector<std::int64_t> read_seeds(StrictObject& object) {
  const Json& list = object.any("seeds");
  std::set<std::int64_t> distinct;
  if (list.is_array()) {
    for (const auto& seed : list) {
      if (seed.is_number_integer() && seed.get<std::int64_t>() >= 0) distinct.insert(seed.get<std::int64_t>());
    }
  }
  if (!list.is_array() || list.empty() || distinct.size() != list.size()) {
    object.wrong("seeds", "a list of distinct integers, none negative", list.dump());
  }
  return list.get<std::vector<std::int64_t>>();
}

Tier read_tier(StrictObject object) {
  Tier tier;
  tier.seeds = read_seeds(object);
  tier.budget = object.any_object("budget");
  tier.time_limit_s = object.real("time_limit_s");
  tier.memory_mb = object.integer("memory_mb");
  if (tier.time_limit_s <= 0) object.wrong("time_limit_s", "more than 0", shortest(tier.time_limit_s));
  if (tier.memory_mb <= 0) object.wrong("memory_mb", "more than 0", std::to_string(tier.memory_mb));
  object.done();
  return tier;
}

CurveSteps read_progress(StrictObject object) {
  CurveSteps progress{object.text("title"), object.integer("from")};
  object.done();
  return progress;
}

// A task's tier as a setting runs it: the protocol's part of the budget, under the setting's own values.
Tier tier_for(const Tier& declared, const std::string& protocol, const Json& own) {
  auto tier = declared;
  if (!protocol.empty()) tier.budget = declared.budget.at(protocol);
  tier.budget.update(own);
  return tier;
}

void read_sparse(StrictObject& setting, std::map<std::string, Tier>& tiers) {
  auto sparse = setting.maybe_object("sparse");
  if (!sparse) return;
  for (auto& [name, tier] : tiers) {
    if (!sparse->has(name)) continue;
    auto part = sparse->object(name);
    if (part.has("seeds")) tier.seeds = read_seeds(part);
    tier.entries = part.maybe_texts("entries");
    part.done();
  }
  sparse->done();
}

Setting read_setting(StrictObject object, const std::map<std::string, Tier>& tiers) {
  Setting setting;
  setting.id = object.text("id");
  setting.title = object.text("title");
  setting.summary = object.text("summary");
  setting.dataset = object.text("dataset");
  setting.parameters = object.any_object("parameters");
  if (auto protocol = object.maybe_text("protocol")) {
    setting.protocol = *protocol;
    setting.parameters["protocol"] = *protocol;  // so that the task's program reads it there
  }
  auto budgets = object.maybe_object("budgets");
  std::vector<std::string> known;
  for (const auto& [name, tier] : tiers) {
    const Json own = budgets && budgets->has(name) ? budgets->any_object(name) : Json::object();
    const bool knows = setting.protocol.empty() ||
                       (tier.budget.contains(setting.protocol) && tier.budget.at(setting.protocol).is_object());
    if (!knows) continue;
    known.push_back(name);
    setting.others[name] = tier_for(tier, setting.protocol, own);
  }
  if (budgets) budgets->done();
  for (const auto& name : object.texts("tiers")) {
    auto found = setting.others.extract(name);
    if (!found && !setting.tiers.contains(name)) {
      object.wrong("tiers", "tiers of this task: " + join(known, ", "), "\"" + name + "\"");
    }
    setting.tiers.insert(std::move(found));
  }
  if (setting.tiers.empty()) object.wrong("tiers", "at least one tier", "none");
  read_sparse(object, setting.tiers);
  if (auto progress = object.maybe_object("progress")) setting.progress = read_progress(*progress);
  object.done();
  return setting;
}

void check_metrics(const StrictObject& object, const Task& task) {
  std::set<std::string> names;
  for (const auto& metric : task.metrics) {
    if (!names.insert(metric.name).second) object.wrong("metrics", "each name once", "\"" + metric.name + "\" twice");
  }
  const auto ranking = std::count_if(task.metrics.begin(), task.metrics.end(), [](const Metric& m) { return m.ranks; });
  if (ranking != 1) object.wrong("metrics", "exactly one metric with \"ranks\": true", std::to_string(ranking));
}

BoardView read_view(StrictObject object, const Task& task) {
  BoardView view{object.text("id"), object.text("title"), object.text("summary"), object.text("metric"),
                 object.maybe_texts("shows")};
  std::vector<std::string> known;
  for (const auto& metric : task.metrics) known.push_back(metric.name);
  const auto check = [&](const std::string& key, const std::string& name) {
    if (!task.metric(name)) object.wrong(key, "metrics of this task: " + join(known, ", "), "\"" + name + "\"");
  };
  check("metric", view.metric);
  if (task.metric(view.metric)->closes) object.wrong("metric", "a metric that runs report", "\"" + view.metric + "\"");
  for (const auto& name : view.shows) check("shows", name);
  for (const auto& other : task.views) {
    if (other.id == view.id) object.wrong("id", "each id once", "\"" + view.id + "\"");
  }
  object.done();
  return view;
}

LegendEntry read_legend_entry(StrictObject object) {
  LegendEntry entry{object.text("colour"), object.text("meaning")};
  const bool hexadecimal = entry.colour.size() == 7 && entry.colour[0] == '#' &&
                           entry.colour.find_first_not_of("0123456789abcdef", 1) == std::string::npos;
  if (!hexadecimal) object.wrong("colour", "# and six lower-case hexadecimal digits", "\"" + entry.colour + "\"");
  object.done();
  return entry;
}

Task read_task(const fs::path& file, const std::string& shown_as) {
  const Json document = read_json(file, shown_as);
  StrictObject object(document, shown_as, "");
  object.maybe_text("$schema");
  Task task;
  task.id = object.text("id");
  if (const auto folder = file.parent_path().filename().string(); task.id != folder) {
    object.wrong("id", "the folder's name \"" + folder + "\"", "\"" + task.id + "\"");
  }
  task.title = object.text("title");
  task.description = object.text("description");
  task.output = object.text("output");
  task.baseline = object.text("baseline");
  task.floor = object.text("floor");
  task.ceiling = object.maybe_text("ceiling").value_or("");
  for (auto& item : object.objects("metrics")) task.metrics.push_back(read_metric(item));
  task.cost = object.maybe_text("cost").value_or("");
  if (!task.cost.empty() && (!task.metric(task.cost) || task.metric(task.cost)->unit != "s")) {
    object.wrong("cost", "a metric of this task with the unit \"s\"", "\"" + task.cost + "\"");
  }
  check_metrics(object, task);
  for (auto& item : object.objects("curves")) {
    task.curves.push_back({item.text("name"), item.text("title"), item.maybe_text("unit").value_or("")});
    item.done();
  }
  for (auto& item : object.maybe_objects("views")) task.views.push_back(read_view(item, task));
  for (auto& item : object.maybe_objects("legend")) task.legend.push_back(read_legend_entry(item));
  if (auto progress = object.maybe_object("progress")) task.progress = read_progress(*progress);
  auto tier_object = object.object("tiers");
  std::map<std::string, Tier> tiers;  // whose budgets hold one object for each protocol, where there are several
  for (const auto& name : kTiers) {
    if (tier_object.has(name)) tiers[name] = read_tier(tier_object.object(name));
  }
  tier_object.done();
  std::set<std::string> ids;
  for (auto& item : object.objects("settings")) {
    task.settings.push_back(read_setting(item, tiers));
    if (!ids.insert(task.settings.back().id).second) item.wrong("id", "each id once", task.settings.back().id);
  }
  object.done();
  return task;
}

Json read_value(StrictObject& object, const std::string& key, const Parameter& parameter) {
  const Json value = object.any(key);
  const auto expect = [&](bool right, const std::string& expected) {
    if (!right) object.wrong(key, expected, value.dump());
  };
  switch (parameter.type) {
    case ParameterType::kReal:
      expect(value.is_number(), "a number");
      break;
    case ParameterType::kInteger:
      expect(value.is_number_integer(), "an integer");
      break;
    case ParameterType::kFlag:
      expect(value.is_boolean(), "true or false");
      break;
    case ParameterType::kChoice:
      expect(value.is_string() && std::find(parameter.choices.begin(), parameter.choices.end(),
                                            value.get<std::string>()) != parameter.choices.end(),
             "one of " + join(parameter.choices, ", "));
      break;
  }
  if (value.is_number()) {
    const double number = value.get<double>();
    expect((!parameter.low || number >= *parameter.low) && (!parameter.high || number <= *parameter.high),
           "a value within the bounds");
    if (parameter.type == ParameterType::kReal) return number;
  }
  return value;
}

Parameter read_parameter(StrictObject object) {
  Parameter parameter;
  parameter.name = object.text("name");
  const auto type = object.choice("type", {"real", "integer", "flag", "choice"});
  parameter.type = type == "real"      ? ParameterType::kReal
                   : type == "integer" ? ParameterType::kInteger
                   : type == "flag"    ? ParameterType::kFlag
                                       : ParameterType::kChoice;
  parameter.choices = object.maybe_texts("choices");
  if ((parameter.type == ParameterType::kChoice) == parameter.choices.empty()) {
    object.wrong("choices", "a list of texts for the type \"choice\" and for no other", join(parameter.choices, ", "));
  }
  read_bounds(object, parameter.low, parameter.high);
  parameter.meaning = object.text("meaning");
  parameter.published = object.maybe_text("published").value_or("");
  parameter.why = object.maybe_text("why").value_or("");
  parameter.fallback = read_value(object, "default", parameter);
  if (auto tiers = object.maybe_object("defaults")) {
    for (const auto& tier : kTiers) {
      if (tiers->has(tier)) parameter.per_tier[tier] = read_value(*tiers, tier, parameter);
    }
    tiers->done();
  }
  parameter.protocols = object.maybe_texts("protocols");
  object.done();
  return parameter;
}

Paper read_paper(StrictObject object) {
  Paper paper{object.texts("authors"), object.text("title"),  object.text("venue"),
              object.text("url"),      object.text("bibtex"), object.integer("year")};
  object.done();
  return paper;
}

Claim read_claim(StrictObject object) {
  Claim claim;
  claim.id = object.text("id");
  claim.says = object.text("says");
  claim.source = object.text("source");
  claim.setting = object.text("setting");
  claim.metric = object.text("metric");
  claim.method = object.text("method");
  claim.against = object.text("against");
  claim.direction = read_direction(object);
  claim.margin = object.real("margin");
  if (auto reported = object.maybe_object("reported")) {
    claim.reported_method = reported->real("method");
    claim.reported_against = reported->real("against");
    reported->done();
  }
  object.done();
  return claim;
}

Json read_entry(StrictObject object, const Method& method) {
  Json entry = Json::object();
  for (const auto& parameter : method.parameters) {
    if (object.has(parameter.name)) entry[parameter.name] = read_value(object, parameter.name, parameter);
  }
  object.done();
  return entry;
}

Method read_method(const fs::path& file, const std::string& shown_as) {
  const Json document = read_json(file, shown_as);
  StrictObject object(document, shown_as, "");
  object.maybe_text("$schema");
  Method method;
  method.id = object.text("id");
  if (method.id != file.stem().string()) {
    object.wrong("id", "the file's stem \"" + file.stem().string() + "\"", "\"" + method.id + "\"");
  }
  method.task = file.parent_path().filename().string();
  method.name = object.text("name");
  method.summary = object.text("summary");
  const auto role = object.choice("role", {"reference", "baseline", "paper"});
  method.role = role == "reference" ? Role::kReference : role == "baseline" ? Role::kBaseline : Role::kPaper;
  if (auto paper = object.maybe_object("paper")) method.paper = read_paper(*paper);
  if (method.role == Role::kPaper && !method.paper)
    object.wrong("paper", "an object, since the role is paper", "nothing");
  for (auto& item : object.objects("parameters")) {
    method.parameters.push_back(read_parameter(item));
    if (method.parameter(method.parameters.back().name) != &method.parameters.back()) {
      item.wrong("name", "each name once", "\"" + method.parameters.back().name + "\"");
    }
  }
  for (auto& item : object.maybe_objects("entries")) method.entries.push_back(read_entry(item, method));
  auto needs = object.object("needs");
  method.deterministic = object.flag_or("deterministic", false);
  method.protocols = object.maybe_texts("protocols");
  method.device = needs.choice("device", {"any", "cpu", "cuda"});
  method.privileged = needs.maybe_texts("privileged");
  needs.done();
  method.differences = object.texts("differences");
  method.reconstructed = object.texts("reconstructed");
  for (auto& item : object.objects("claims")) method.claims.push_back(read_claim(item));
  object.done();
  return method;
}

// Size and checksum are declared together, or neither is; what is downloaded must be declared.
DataFile read_data_file(StrictObject object) {
  DataFile file;
  file.name = object.text("name");
  file.url = object.maybe_text("url").value_or("");
  if (object.has("sha256") || object.has("size") || !file.url.empty()) {
    file.sha256 = object.text("sha256");
    const auto size = object.integer("size");
    if (size <= 0) object.wrong("size", "more than 0", std::to_string(size));
    file.size = static_cast<std::uint64_t>(size);
  }
  if (file.pinned() &&
      (file.sha256.size() != 64 || file.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)) {
    object.wrong("sha256", "64 lower-case hexadecimal digits", "\"" + file.sha256 + "\"");
  }
  if (file.is_folder() && !file.url.empty()) object.wrong("url", "none for a folder", "\"" + file.url + "\"");
  object.done();
  return file;
}

DataSet read_dataset(const fs::path& file, const std::string& shown_as) {
  const Json document = read_json(file, shown_as);
  StrictObject object(document, shown_as, "");
  object.maybe_text("$schema");
  DataSet dataset;
  dataset.id = object.text("id");
  if (dataset.id != file.stem().string()) {
    object.wrong("id", "the file's stem \"" + file.stem().string() + "\"", "\"" + dataset.id + "\"");
  }
  dataset.title = object.text("title");
  dataset.reader = object.text("reader");
  dataset.licence = object.text("licence");
  dataset.citation = object.text("citation");
  dataset.pictures_allowed = object.flag_or("pictures_allowed", false);
  auto origin = object.object("origin");
  dataset.homepage = origin.text("homepage");
  dataset.package = origin.maybe_text("package").value_or("");
  dataset.obtain = origin.maybe_text("obtain").value_or("");
  origin.done();
  dataset.classes = object.maybe_texts("classes");
  dataset.places = object.maybe_texts("places");
  for (auto& item : object.objects("files")) {
    dataset.files.push_back(read_data_file(item));
    const auto& name = dataset.files.back().name;
    const auto times =
        std::count_if(dataset.files.begin(), dataset.files.end(), [&](auto& f) { return f.name == name; });
    if (times > 1) item.wrong("name", "each name once", "\"" + name + "\" twice");
  }
  dataset.generated = object.flag_or("generated", false);
  if (dataset.generated != dataset.files.empty()) {
    object.wrong("files", dataset.generated ? "none, since the data are generated" : "at least one file",
                 dataset.generated ? std::to_string(dataset.files.size()) : "none");
  }
  object.done();
  return dataset;
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& item : fs::directory_iterator(folder, absent)) {
    if (item.path().extension() == ".json") files.push_back(item.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> folders(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& item : fs::directory_iterator(folder, absent)) {
    if (item.is_directory()) found.push_back(item.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Reads everything, handing each fault to `refuse`, which may throw.
template <typename Refuse>
Catalog read_all(const fs::path& root, const Refuse& refuse) {
  Catalog catalog;
  catalog.root = root;
  const auto shown = [&](const fs::path& file) { return file.lexically_relative(root).string(); };
  const auto guarded = [&](const auto& read) {
    try {
      read();
    } catch (const Error& error) {
      refuse(error);
    }
  };
  for (const auto& file : json_files(root / "tasks" / "datasets")) {
    guarded([&] { catalog.datasets.push_back(read_dataset(file, shown(file))); });
  }
  for (const auto& folder : folders(root / "tasks")) {
    const auto file = folder / "task.json";
    if (fs::exists(file)) guarded([&] { catalog.tasks.push_back(read_task(file, shown(file))); });
  }
  for (const auto& folder : folders(root / "baselines")) {
    for (const auto& file : json_files(folder)) {
      guarded([&] { catalog.methods.push_back(read_method(file, shown(file))); });
    }
  }
  for (const auto& task : catalog.tasks) guarded([&] { check_task(catalog, task); });
  for (const auto& method : catalog.methods) guarded([&] { check_method(catalog, method); });
  return catalog;
}

}  // namespace

Catalog read_catalog(const fs::path& root) {
  if (!fs::exists(root / "tasks")) {
    throw DeclarationError({"no declarations", root.string(), "a folder tasks/ in it", "none",
                            "run bench inside a checkout, or name one with ASSAY_ROOT"});
  }
  return read_all(root, [](const Error& error) { throw DeclarationError(error.problem()); });
}

std::vector<std::string> check_catalog(const fs::path& root) {
  std::vector<std::string> faults;
  read_all(root, [&](const Error& error) { faults.push_back(error.what()); });
  return faults;
}

}  // namespace assay
