// The commands of `bench`: one file each, one row each in the table of main.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "core/errors.hpp"
#include "engine/plan.hpp"

namespace assay::cli {

// Adds options and examples to a sub-command, and what it does as its callback; the callback's result is left in
// `code`.
using AddCommand = void (*)(CLI::App& app, ExitCode& code);

void add_list(CLI::App& app, ExitCode& code);
void add_show(CLI::App& app, ExitCode& code);
void add_plan(CLI::App& app, ExitCode& code);
void add_run(CLI::App& app, ExitCode& code);
void add_status(CLI::App& app, ExitCode& code);
void add_report(CLI::App& app, ExitCode& code);
void add_doctor(CLI::App& app, ExitCode& code);
void add_check(CLI::App& app, ExitCode& code);
void add_data(CLI::App& app, ExitCode& code);
void add_completion(CLI::App& app, ExitCode& code);

// The checkout: $ASSAY_ROOT, or the nearest folder with tasks/ and baselines/ above the current one or above the
// program.
std::filesystem::path checkout();

// What a request names, as plan, run and status take it.
struct RequestOptions {
  Request request;
  bool all = false;
  std::string seeds, store;

  void add_to(CLI::App& app);
  void finish();  // reads `seeds`, checks that something is named; UsageError
  std::filesystem::path store_file() const;
  bool default_store() const { return store.empty(); }
};

// "0,2,5-7" as a list. UsageError.
std::vector<std::int64_t> seed_list(const std::string& text);

// Rows of cells, printed in columns as wide as they need; the first row is the head.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace assay::cli
