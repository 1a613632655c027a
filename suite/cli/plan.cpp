#include <iostream>
#include <map>
#include <optional>

#include "cli/command.hpp"
#include "core/text.hpp"

namespace assay::cli {

namespace {

struct Counts {
  std::size_t cached = 0, missing = 0, failed = 0, unavailable = 0;
  double seconds = 0;       // of what is missing, where an earlier execution tells
  std::size_t unknown = 0;  // missing runs without an estimate
  std::int64_t peak_kb = 0;

  void add(const PlannedRun& run) {
    switch (run.state) {
      case CellState::kCached:
        ++cached;
        return;
      case CellState::kFailed:
        ++failed;
        return;
      case CellState::kUnavailable:
        ++unavailable;
        return;
      case CellState::kMissing:
        ++missing;
        break;
    }
    seconds += run.estimate_s;
    unknown += run.estimate_s == 0;
    peak_kb = std::max(peak_kb, run.estimate_kb);
  }
  std::string time() const {
    if (missing == 0) return "-";
    if (unknown == missing) return "unknown";
    return duration(seconds) + (unknown ? " + " + std::to_string(unknown) + " unknown" : "");
  }
  std::string memory() const { return peak_kb ? bytes(static_cast<std::uint64_t>(peak_kb) * 1024) : "-"; }
};

std::string count(std::size_t number) { return number ? std::to_string(number) : "-"; }

void print_cells(const Plan& plan) {
  std::vector<std::vector<std::string>> rows{{"STATE", "SETTING", "METHOD", "SEED", "ESTIMATE", "KEY"}};
  const auto state = [](CellState state) {
    return state == CellState::kCached    ? "cached"
           : state == CellState::kFailed  ? "failed"
           : state == CellState::kMissing ? "missing"
                                          : "unavailable";
  };
  for (const auto& run : plan.runs) {
    rows.push_back({state(run.state), run.cell.task + "/" + run.cell.setting, run.cell.label,
                    std::to_string(run.cell.seed), run.estimate_s ? duration(run.estimate_s) : "unknown",
                    run.key.substr(0, 12)});
  }
  print_table(rows);
}

Json as_json(const Plan& plan) {
  const char* const states[] = {"cached", "failed", "missing", "unavailable"};
  Json cells = Json::array();
  for (const auto& run : plan.runs) {
    cells.push_back({{"task", run.cell.task},
                     {"setting", run.cell.setting},
                     {"tier", run.cell.tier},
                     {"method", run.cell.label},
                     {"seed", run.cell.seed},
                     {"key", run.key},
                     {"state", states[static_cast<int>(run.state)]},
                     {"estimate_s", run.estimate_s},
                     {"reason", run.reason}});
  }
  return {{"environment", plan.environment.id}, {"device", plan.device}, {"cells", cells}};
}

void print_matrix(const Plan& plan) {
  std::map<std::pair<std::string, std::string>, Counts> by_setting;
  std::map<std::string, std::string> reasons;
  Counts total;
  for (const auto& run : plan.runs) {
    by_setting[{run.cell.task, run.cell.setting}].add(run);
    total.add(run);
    if (!run.reason.empty()) reasons[run.reason] = run.remedy;
  }
  std::vector<std::vector<std::string>> rows{
      {"SETTING", "CACHED", "MISSING", "FAILED", "UNAVAILABLE", "CPU TIME", "MEMORY"}};
  for (const auto& [name, counts] : by_setting) {
    rows.push_back({name.first + "/" + name.second, count(counts.cached), count(counts.missing), count(counts.failed),
                    count(counts.unavailable), counts.time(), counts.memory()});
  }
  rows.push_back({"total", count(total.cached), count(total.missing), count(total.failed), count(total.unavailable),
                  total.time(), total.memory()});
  print_table(rows);
  for (const auto& [reason, remedy] : reasons) std::cout << "unavailable: " << reason << "; " << remedy << "\n";
  std::cout << "on " << plan.device << " with " << plan.isa << ", environment " << plan.environment.id << "\n";
}

}  // namespace

void add_plan(CLI::App& app, ExitCode&) {
  struct Options : RequestOptions {
    bool json = false, cells = false;
  };
  auto options = std::make_shared<Options>();
  options->add_to(app);
  app.add_flag("--cells", options->cells, "A line for each cell");
  app.add_flag("--json", options->json, "As JSON, with every cell");
  app.footer(
      "Examples:\n  bench plan --all\n  bench plan -t noisy-labels --tier smoke --cells\n"
      "  bench plan -m 'sam[rho=0.2]' --setting symmetric-40");
  app.callback([options] {
    options->finish();
    const auto catalog = read_catalog(checkout());
    const auto build = read_build_info();
    std::optional<Store> store;
    if (std::filesystem::exists(options->store_file())) store.emplace(options->store_file(), Store::Mode::kRead);
    const auto plan = make_plan(catalog, build, store ? &*store : nullptr, options->request);
    if (options->json) {
      std::cout << as_json(plan).dump(1) << "\n";
    } else if (options->cells) {
      print_cells(plan);
    } else {
      print_matrix(plan);
    }
  });
}

}  // namespace assay::cli
