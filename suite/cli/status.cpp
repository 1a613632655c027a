#include <iostream>
#include <map>

#include "cli/command.hpp"
#include "core/text.hpp"

namespace assay::cli {

namespace {

struct Tally {
  std::size_t ok = 0, failed = 0;
  double seconds = 0;
  std::int64_t last_ms = 0;
};

using Group = std::tuple<std::string, std::string, std::string, std::string>;  // task, setting, tier, environment

std::map<Group, Tally> tallies(const std::vector<Result>& results) {
  std::map<Group, Tally> groups;
  for (const auto& result : results) {
    auto& tally = groups[{result.task, result.setting, result.tier, result.environment}];
    ++(result.ok() ? tally.ok : tally.failed);
    tally.seconds += result.seconds;
    tally.last_ms = std::max(tally.last_ms, result.started_ms);
  }
  return groups;
}

void print_failures(const std::vector<Result>& results) {
  for (const auto& result : results) {
    if (result.ok()) continue;
    std::cout << "failed: " << result.task << "/" << result.setting << " (" << result.tier << ") " << result.label
              << " seed " << result.seed << ": " << result.failure << ": " << one_line(result.message)
              << "  [bench show " << result.key.substr(0, 12) << "]\n";
  }
}

Json as_json(const std::map<Group, Tally>& groups) {
  Json list = Json::array();
  for (const auto& [group, tally] : groups) {
    const auto& [task, setting, tier, environment] = group;
    list.push_back({{"task", task},
                    {"setting", setting},
                    {"tier", tier},
                    {"environment", environment},
                    {"ok", tally.ok},
                    {"failed", tally.failed},
                    {"seconds", tally.seconds},
                    {"last", utc_time(tally.last_ms)}});
  }
  return list;
}

}  // namespace

void add_status(CLI::App& app, ExitCode& code) {
  struct Options {
    std::string store;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  app.add_option("--db", options->store, "The store (default: results.db of the checkout)")->type_name("FILE");
  app.add_flag("--json", options->json, "As JSON");
  app.footer(
      "Counts the latest attempt of each cell. Exit code 1 if one of them failed.\n\nExamples:\n  bench status\n"
      "  bench status --db /tmp/smoke.db --json");
  app.callback([options, &code] {
    const auto file = options->store.empty() ? checkout() / "results.db" : std::filesystem::path(options->store);
    const Store store(file, Store::Mode::kRead);
    const auto results = store.results();
    const auto groups = tallies(results);
    if (std::any_of(results.begin(), results.end(), [](const Result& r) { return !r.ok(); }))
      code = ExitCode::kRunsFailed;
    if (options->json) {
      std::cout << as_json(groups).dump(2) << "\n";
      return;
    }
    std::vector<std::vector<std::string>> rows{{"SETTING", "TIER", "OK", "FAILED", "TIME", "LAST", "ENVIRONMENT"}};
    for (const auto& [group, tally] : groups) {
      const auto& [task, setting, tier, environment] = group;
      rows.push_back({task + "/" + setting, tier, std::to_string(tally.ok),
                      tally.failed ? std::to_string(tally.failed) : "-", duration(tally.seconds),
                      utc_time(tally.last_ms), environment});
    }
    if (groups.empty()) {
      std::cout << file.string() << ": no run yet; start with bench run --all\n";
    } else {
      print_table(rows);
    }
    print_failures(results);
  });
}

}  // namespace assay::cli
