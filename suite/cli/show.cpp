#include <iostream>

#include "cli/command.hpp"
#include "core/text.hpp"
#include "data/locate.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

void section(const std::string& title) { std::cout << "\n" << title << "\n"; }

std::string shown(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void show_task(const Catalog& catalog, const Task& task) {
  std::cout << task.id << ": " << task.title << "\n\n" << task.description << "\n";
  section("Metrics");
  std::vector<std::vector<std::string>> rows;
  for (const auto& metric : task.metrics) {
    rows.push_back({"  " + metric.name, metric.unit, metric.direction == Direction::kHigher ? "higher" : "lower",
                    metric.ranks        ? "ranks"
                    : metric.diagnostic ? "diagnostic"
                                        : "",
                    metric.meaning});
  }
  print_table(rows);
  if (!task.views.empty()) section("Further leaderboards of the same runs");
  rows.clear();
  for (const auto& view : task.views) rows.push_back({"  " + view.id, "by " + view.metric, view.summary});
  print_table(rows);
  section("Settings");
  rows.clear();
  for (const auto& setting : task.settings) rows.push_back({"  " + setting.id, setting.title});
  print_table(rows);
  section("Methods");
  rows.clear();
  for (const auto* method : catalog.methods_of(task.id))
    rows.push_back({"  " + method->id, to_string(method->role), method->name});
  print_table(rows);
}

void show_setting(const Catalog& catalog, const Task& task, const Setting& setting) {
  std::cout << task.id << "/" << setting.id << ": " << setting.title << "\n\n" << setting.summary << "\n";
  section("Parameters");
  for (const auto& [key, value] : setting.parameters.items()) std::cout << "  " << key << ": " << shown(value) << "\n";
  for (const auto& tier : kTiers) {
    const auto found = setting.tiers.find(tier);
    if (found == setting.tiers.end()) continue;
    section("Tier " + tier);
    std::cout << "  seeds: " << Json(found->second.seeds).dump() << "\n";
    for (const auto& [key, value] : found->second.budget.items())
      std::cout << "  " << key << ": " << shown(value) << "\n";
    std::cout << "  limits: " << duration(found->second.time_limit_s) << ", " << found->second.memory_mb << " MB\n";
  }
  const auto& dataset = *catalog.dataset(setting.dataset);
  section("Data set " + dataset.id + ": " + dataset.title);
  std::cout << "  licence: " << dataset.licence << "\n  origin: " << dataset.homepage << "\n";
  const auto located = locate(dataset);
  for (const auto& file : located.files) {
    std::cout << "  " << file.file->name << ": " << (file.path.empty() ? "absent" : file.path.string()) << "\n";
  }
  if (!located.available()) std::cout << "  unavailable: " << located.reason() << "; " << located.remedy() << "\n";
}

void show_list(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return;
  section(title);
  for (const auto& item : items) std::cout << "  - " << item << "\n";
}

void show_method(const Method& method) {
  std::cout << method.id << " (" << to_string(method.role) << ", " << method.task << "): " << method.name << "\n\n"
            << method.summary << "\n";
  if (method.paper) {
    section("Paper");
    std::cout << "  " << join(method.paper->authors, ", ") << ". " << method.paper->title << ". " << method.paper->venue
              << " " << method.paper->year << ".\n  " << method.paper->url << "\n";
  }
  if (!method.parameters.empty()) {
    section("Parameters");
    std::vector<std::vector<std::string>> rows{{"  NAME", "DEFAULT", "PUBLISHED", "MEANING"}};
    for (const auto& parameter : method.parameters) {
      rows.push_back({"  " + parameter.name, shown(parameter.fallback), parameter.published, parameter.meaning});
    }
    print_table(rows);
  }
  show_list("Takes part in the protocols", method.protocols);
  show_list("Sees more than others", method.privileged);
  show_list("Differs from the paper or its code", method.differences);
  show_list("Reconstructed", method.reconstructed);
  if (method.claims.empty()) return;
  section("Claims");
  for (const auto& claim : method.claims)
    std::cout << "  " << claim.id << ": " << claim.says << " (" << claim.source << ")\n";
}

void show_run(const Catalog& catalog, const fs::path& file, const std::string& key) {
  const Store store(file, Store::Mode::kRead);
  for (const auto& run : store.executions(key)) {
    std::cout << "run " << run.key << "\n"
              << run.task << "/" << run.setting << ", tier " << run.tier << ", " << run.label << ", seed " << run.seed
              << "\n"
              << utc_time(run.started_ms) << " in environment " << run.environment << ": "
              << (run.ok() ? "ok" : run.failure + ": " + run.message) << ", " << duration(run.seconds) << ", "
              << bytes(static_cast<std::uint64_t>(run.peak_memory_kb) * 1024) << "\ndigest " << run.digest << "\n";
    const Task* task = catalog.task(run.task);
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, value] : run.metrics) {
      const Metric* metric = task ? task->metric(name) : nullptr;
      rows.push_back({"  " + name, fixed(value, metric ? metric->decimals : 4), metric ? metric->unit : ""});
    }
    print_table(rows);
    if (const auto log = store.log_tail(run.id); !log.empty()) std::cout << "log:\n" << log << "\n";
    std::cout << "repeat: bench run -t " << run.task << " --setting " << run.setting << " -m '" << run.label
              << "' --seeds " << run.seed << " --tier " << run.tier << " --force\n\n";
  }
}

bool show_named(const Catalog& catalog, const std::string& name) {
  bool any = false;
  const auto next = [&] { std::cout << (std::exchange(any, true) ? "\n----\n\n" : ""); };
  for (const auto& task : catalog.tasks) {
    if (task.id == name) next(), show_task(catalog, task);
    for (const auto& setting : task.settings) {
      if (setting.id == name || task.id + "/" + setting.id == name) next(), show_setting(catalog, task, setting);
    }
  }
  for (const auto& method : catalog.methods) {
    if (method.id == name || method.task + "/" + method.id == name) next(), show_method(method);
  }
  return any;
}

std::vector<std::string> runs_named(const fs::path& file, const std::string& name) {
  const bool digits = name.size() >= 6 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!digits || !fs::exists(file)) return {};
  return Store(file, Store::Mode::kRead).keys_starting_with(name);
}

[[noreturn]] void unknown(const Catalog& catalog, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& task : catalog.tasks) {
    known.push_back(task.id);
    for (const auto& setting : task.settings) known.push_back(setting.id);
  }
  for (const auto& method : catalog.methods) known.push_back(method.id);
  const auto near = did_you_mean(name, known);
  throw UsageError({"nothing of that name", "bench show", "a task, setting, method, or six digits or more of a run key",
                    "\"" + name + "\"", near.empty() ? "see bench list" : near});
}

}  // namespace

void add_show(CLI::App& app, ExitCode&) {
  struct Options {
    std::string name, store;
  };
  auto options = std::make_shared<Options>();
  app.add_option("name", options->name, "A task, setting or method id, or the start of a run key")->required();
  app.add_option("--db", options->store, "The store (default: results.db of the checkout)")->type_name("FILE");
  app.footer(
      "Examples:\n  bench show noisy-labels\n  bench show symmetric-40\n  bench show ncsam\n  bench show 3fa9c1d2");
  app.callback([options] {
    const auto catalog = read_catalog(checkout());
    const auto file = options->store.empty() ? checkout() / "results.db" : fs::path(options->store);
    if (show_named(catalog, options->name)) return;
    const auto keys = runs_named(file, options->name);
    if (keys.empty()) unknown(catalog, options->name);
    for (const auto& key : keys) show_run(catalog, file, key);
  });
}

}  // namespace assay::cli
