#include <iostream>

#include "cli/command.hpp"
#include "core/text.hpp"
#include "data/locate.hpp"

namespace assay::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string tiers_of(const Setting& setting) {
  std::vector<std::string> names;
  for (const auto& tier : kTiers) {
    if (setting.tiers.count(tier)) names.push_back(tier);
  }
  return join(names, " ");
}

Rows tasks(const Catalog& catalog) {
  Rows rows{{"TASK", "METHODS", "SETTINGS", "TITLE"}};
  for (const auto& task : catalog.tasks) {
    rows.push_back({task.id, std::to_string(catalog.methods_of(task.id).size()), std::to_string(task.settings.size()),
                    task.title});
  }
  return rows;
}

Rows settings(const Catalog& catalog) {
  Rows rows{{"SETTING", "TASK", "TIERS", "DATA", "TITLE"}};
  for (const auto& task : catalog.tasks) {
    for (const auto& setting : task.settings) {
      const auto found = locate(*catalog.dataset(setting.dataset));
      rows.push_back({setting.id, task.id, tiers_of(setting),
                      found.available() ? setting.dataset : setting.dataset + " (absent)", setting.title});
    }
  }
  return rows;
}

Rows methods(const Catalog& catalog) {
  Rows rows{{"METHOD", "TASK", "ROLE", "NAME"}};
  for (const auto& method : catalog.methods) {
    rows.push_back({method.id, method.task, to_string(method.role),
                    method.paper ? method.name + " (" + method.paper->venue + ")" : method.name});
  }
  return rows;
}

void print(const Rows& rows, bool json, bool plain) {
  if (!json && !plain) return print_table(rows);
  Json list = Json::array();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (plain) std::cout << rows[i][0] << "\n";
    Json item;
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      std::string key = rows[0][column];
      for (auto& c : key) c = static_cast<char>(std::tolower(c));
      item[key] = rows[i][column];
    }
    list.push_back(item);
  }
  if (json) std::cout << list.dump(2) << "\n";
}

}  // namespace

void add_list(CLI::App& app, ExitCode&) {
  struct Options {
    std::string what = "all";
    bool json = false, plain = false;
  };
  auto options = std::make_shared<Options>();
  app.add_option("what", options->what, "tasks, settings, methods or datasets (all of them if left out)")
      ->check(CLI::IsMember({"tasks", "settings", "methods", "datasets", "all"}));
  app.add_flag("--json", options->json, "As JSON");
  app.add_flag("--plain", options->plain, "Only the ids, one a line");
  app.footer("Examples:\n  bench list\n  bench list methods\n  bench list settings --json");
  app.callback([options] {
    const auto catalog = read_catalog(checkout());
    const bool all = options->what == "all";
    if (all || options->what == "tasks") print(tasks(catalog), options->json, options->plain);
    if (all && !options->json && !options->plain) std::cout << "\n";
    if (all || options->what == "settings") print(settings(catalog), options->json, options->plain);
    if (all && !options->json && !options->plain) std::cout << "\n";
    if (all || options->what == "methods") print(methods(catalog), options->json, options->plain);
    if (options->what == "datasets") {
      Rows rows{{"DATASET", "STATE", "LICENCE", "TITLE"}};
      for (const auto& dataset : catalog.datasets) {
        rows.push_back(
            {dataset.id, locate(dataset).available() ? "available" : "absent", dataset.licence, dataset.title});
      }
      print(rows, options->json, options->plain);
    }
  });
}

}  // namespace assay::cli
