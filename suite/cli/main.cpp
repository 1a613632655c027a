#include <iostream>

#include "cli/command.hpp"
#include "core/text.hpp"

namespace assay::cli {
namespace {

struct Row {
  const char* name;
  const char* help;
  AddCommand add;
};

constexpr Row kCommands[] = {
    {"list", "Tasks, settings, methods or data sets", add_list},
    {"show", "One task, setting, method or run", add_show},
    {"plan", "What a run would do: cached, missing, failed, time and memory", add_plan},
    {"run", "Run what is missing, store it, render the leaderboards", add_run},
    {"status", "What the store holds", add_status},
    {"report", "Render the leaderboards from the store", add_report},
    {"doctor", "What is installed, what is missing and how to get it", add_doctor},
    {"check", "Validate every declaration without running anything", add_check},
    {"data", "Data sets and cached artefacts: list, get, verify, prune", add_data},
    {"completion", "A completion script for bash, zsh or fish", add_completion},
};

constexpr const char* kFooter = R"(Examples:
  bench run --all                                   everything in the quick tier, then the pages
  bench run -t noisy-labels -m 'sam*' --seeds 0-4   some methods, more seeds
  bench plan --all                                  what that would run, and for how long
  bench show ncsam                                  a method's card

Exit codes: 0 all good, 1 some runs failed, 2 usage, 3 invalid declaration, 4 missing data, 5 store, 8 machine
(no worker, disk full), 130 interrupted. Environment: ASSAY_ROOT (checkout), ASSAY_DATA (folders with data sets,
separated by ':'), ASSAY_CACHE (artefacts and downloads), ASSAY_WORKER (the program that runs methods).)";

// The options that the (sub-)command in use knows, for "did you mean".
std::vector<std::string> known_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> known_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

ExitCode usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* used = &app;
  std::string path;
  while (!used->get_subcommands().empty()) {
    used = used->get_subcommands().front();
    path += (path.empty() ? "" : " ") + used->get_name();
  }
  const auto help = "see bench " + (path.empty() ? path : path + " ") + "--help";
  Problem problem{one_line(error.what()), path, "", "", help};
  const auto left = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) && !left.empty()) {
    const auto& word = left.front();
    const bool flag = word.starts_with("-");
    const auto known = flag ? known_options(*used) : known_commands(*used);
    const auto name = word.substr(0, word.find('='));
    const auto near = did_you_mean(name, known);
    problem = {flag            ? "unknown flag"
               : known.empty() ? "unexpected argument"
                               : "unknown command",
               path, flag || known.empty() ? "" : "one of " + join(known, ", "), "\"" + word + "\"",
               near.empty() ? help : near};
  }
  std::cerr << "bench: " << problem.line() << "\n";
  return ExitCode::kUsage;
}

ExitCode run(int count, char** arguments) {
  CLI::App app(
      "Assay: does this method do what its paper says, against fair baselines, and can I get the same numbers again?",
      "bench");
  app.set_version_flag("--version", "assay 0.1");
  app.footer(kFooter);
  app.require_subcommand(0, 1);
  ExitCode code = ExitCode::kOk;
  for (const auto& row : kCommands) row.add(*app.add_subcommand(row.name, row.help), code);
  try {
    app.parse(count, arguments);
    if (app.get_subcommands().empty()) std::cout << app.help();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return static_cast<ExitCode>(app.exit(error));
    return usage_error(app, error);
  } catch (const Error& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return error.code();
  } catch (const std::exception& error) {
    std::cerr << "bench: " << one_line(error.what()) << "\n";
    return ExitCode::kMachine;
  }
  return code;
}

}  // namespace
}  // namespace assay::cli

int main(int count, char** arguments) { return static_cast<int>(assay::cli::run(count, arguments)); }
