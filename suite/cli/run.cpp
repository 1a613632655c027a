#include <unistd.h>

#include <iostream>
#include <optional>
#include <set>

#include "cli/command.hpp"
#include "core/text.hpp"
#include "engine/execute.hpp"
#include "engine/queue.hpp"
#include "report/site.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

struct Options : RequestOptions {
  ExecuteOptions execute;
  std::string site;
  double time_limit_s = 0;
  std::int64_t memory_mb = 0;
  bool dry_run = false, json = false, no_report = false;

  void finish_run() {
    finish();
    if (time_limit_s > 0) request.time_limit_s = time_limit_s;
    if (memory_mb > 0) request.memory_mb = memory_mb;
  }
  // Pages go to reports/site for the checkout's own store; for another store only where they are asked for.
  fs::path site_folder() const {
    if (no_report) return {};
    if (!site.empty()) return site;
    return default_store() ? checkout() / "reports" / "site" : fs::path();
  }
};

void add_options(CLI::App& app, Options& options) {
  options.add_to(app);
  app.add_option("-j,--jobs", options.execute.slots, "Runs at a time (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--timeout", options.time_limit_s, "Seconds a run may take, instead of the declared limit")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  app.add_option("--memory", options.memory_mb, "MB a run may use, instead of the declared limit")
      ->type_name("MB")
      ->check(CLI::PositiveNumber);
  app.add_flag("--force", options.execute.force, "Run also what is cached; the new execution supersedes the old one");
  app.add_flag("--rerun-failed", options.execute.rerun_failed, "Run also what has failed before");
  app.add_flag("--fail-fast", options.execute.fail_fast, "Start nothing more after the first failure");
  app.add_flag("--dry-run", options.dry_run, "Say what would run, and stop");
  app.add_flag("--json", options.json, "One JSON object a line instead of the display");
  app.add_option("--site", options.site, "Where to render the pages (default: reports/site, for the default store)")
      ->type_name("FOLDER");
  app.add_flag("--no-report", options.no_report, "Do not render the pages");
  app.footer(
      "What is cached is not run again: a run is known by all that can change its result.\n\nExamples:\n"
      "  bench run --all\n  bench run --all --tier smoke --db /tmp/smoke.db --site /tmp/site\n"
      "  bench run -t noisy-labels -m 'co-*' --setting symmetric-40 --seeds 0-9 -j 2\n"
      "  bench run -m 'sam[rho=0.2]' --setting symmetric-40");
}

std::unique_ptr<Progress> display(bool json) {
  if (json) return json_lines();
  return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) ? live_display() : plain_lines();
}

void print_dry_run(const Plan& plan, const ExecuteOptions& options) {
  const auto runs = runs_to_start(plan, options);
  double seconds = 0;
  for (const auto* run : runs) {
    std::cout << run->cell.task << "/" << run->cell.setting << "  " << run->cell.label << "  seed " << run->cell.seed
              << "\n";
    seconds += run->estimate_s;
  }
  std::cout << runs.size() << " of " << plan.runs.size() << " cells would run";
  if (seconds > 0) std::cout << ", about " << duration(seconds) << " of CPU time";
  std::cout << "\n";
}

void print_unavailable(const Plan& plan) {
  std::set<std::string> said;
  for (const auto& run : plan.runs) {
    if (run.state == CellState::kUnavailable && said.insert(run.reason).second) {
      std::cerr << "unavailable: " << run.reason << "; " << run.remedy << "\n";
    }
  }
}

void print_summary(const Summary& summary) {
  std::cerr << summary.ok << " ok, " << summary.failed << " failed, " << summary.cached << " cached";
  if (summary.elsewhere) std::cerr << ", " << summary.elsewhere << " by another bench";
  if (summary.unavailable) std::cerr << ", " << summary.unavailable << " unavailable";
  if (summary.not_started) std::cerr << ", " << summary.not_started << " not started";
  std::cerr << " in " << duration(summary.seconds) << "\n";
  if (summary.interrupted)
    std::cerr << "interrupted: what has finished is stored; the same command goes on from here\n";
}

ExitCode exit_code(const Plan& plan, const Summary& summary, const ExecuteOptions& options) {
  if (summary.interrupted) return ExitCode::kInterrupted;
  if (summary.failed) return ExitCode::kRunsFailed;
  if (plan.count(CellState::kUnavailable) == plan.runs.size()) return ExitCode::kData;
  const bool failed_before = !options.rerun_failed && !options.force && plan.count(CellState::kFailed) > 0;
  if (failed_before) {
    std::cerr << plan.count(CellState::kFailed) << " failed before and were not run again; add --rerun-failed\n";
  }
  return failed_before ? ExitCode::kRunsFailed : ExitCode::kOk;
}

void render(const Catalog& catalog, const Store& store, const fs::path& folder, bool json) {
  const auto site = write_site(catalog, store, folder);
  if (!json) {
    std::cerr << (folder / "index.html").lexically_normal().string() << ": " << site.pages << " pages, " << site.written
              << " written\n";
  }
}

ExitCode run(const Options& options) {
  const auto catalog = read_catalog(checkout());
  auto build = read_build_info();
  if (options.dry_run) {
    std::optional<Store> store;
    if (fs::exists(options.store_file())) store.emplace(options.store_file(), Store::Mode::kRead);
    print_dry_run(make_plan(catalog, build, store ? &*store : nullptr, options.request), options.execute);
    return ExitCode::kOk;
  }
  Store store(options.store_file(), Store::Mode::kWrite);
  const auto plan = make_plan(catalog, build, &store, options.request);
  if (!options.json) print_unavailable(plan);
  if (!runs_to_start(plan, options.execute).empty()) read_revision(catalog.root, build);
  const auto progress = display(options.json);
  const auto summary = execute(plan, catalog, build, store, options.store_file(), options.execute, *progress);
  if (!options.json) print_summary(summary);
  const auto folder = options.site_folder();
  if (!folder.empty()) render(catalog, store, folder, options.json);
  return exit_code(plan, summary, options.execute);
}

}  // namespace

void add_run(CLI::App& app, ExitCode& code) {
  auto options = std::make_shared<Options>();
  add_options(app, *options);
  app.callback([options, &code] {
    options->finish_run();
    code = run(*options);
  });
}

}  // namespace assay::cli
