#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "cli/command.hpp"
#include "core/text.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

fs::path checkout() {
  if (const char* named = std::getenv("ASSAY_ROOT"); named && *named) return fs::absolute(named);
  for (auto folder : {fs::current_path(), fs::read_symlink("/proc/self/exe").parent_path()}) {
    for (; folder != folder.root_path(); folder = folder.parent_path()) {
      if (fs::exists(folder / "tasks" / "datasets") && fs::exists(folder / "baselines")) return folder;
    }
  }
  throw DeclarationError({"no checkout", fs::current_path().string(),
                          "a folder with tasks/ and baselines/ here or above", "none",
                          "run bench inside a checkout, or name one with ASSAY_ROOT"});
}

std::vector<std::int64_t> seed_list(const std::string& text) {
  const auto refuse = [&] {
    return UsageError({"wrong seeds", "--seeds", "a list such as 0,2,5-7", "\"" + text + "\"", ""});
  };
  const auto number = [&](const std::string& digits) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc() || end != digits.data() + digits.size() || value < 0) throw refuse();
    return value;
  };
  std::vector<std::int64_t> seeds;
  for (const auto& part : split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = number(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : number(part.substr(dash + 1));
    if (last < first || last - first > 100'000) throw refuse();
    for (auto seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  return seeds;
}

void RequestOptions::add_to(CLI::App& app) {
  app.add_flag("--all", all, "Every task, setting and method of the tier");
  app.add_option("-t,--task", request.tasks, "Tasks, by id or glob")->type_name("GLOB");
  app.add_option("-m,--method", request.methods, "Methods, by id or glob, with parameters: 'sam[rho=0.1]'")
      ->type_name("GLOB");
  app.add_option("--setting", request.settings, "Settings, by id or glob; one named exactly runs in any tier")
      ->type_name("GLOB");
  app.add_option("--tier", request.tier, "smoke, quick, standard or paper")->type_name("TIER")->capture_default_str();
  app.add_option("--seeds", seeds, "Seeds instead of the declared ones: 0,2,5-7")->type_name("LIST");
  app.add_option("--device", request.device, "auto, cpu, cuda or cuda:N")->type_name("DEVICE")->capture_default_str();
  app.add_option("--isa", request.isa, "Instruction set of the CPU: avx2 (repeatable on most machines) or native")
      ->type_name("ISA")
      ->capture_default_str();
  app.add_option("--db", store, "The store (default: results.db of the checkout)")->type_name("FILE");
}

void RequestOptions::finish() {
  if (!seeds.empty()) request.seeds = seed_list(seeds);
  if (all && !request.tasks.empty()) {
    throw UsageError({"contradiction", "--all -t " + request.tasks.front(), "one of the two", "both", "leave out one"});
  }
  if (!all && request.tasks.empty() && request.methods.empty() && request.settings.empty()) {
    throw UsageError(
        {"nothing named", "bench", "--all, or one of -t, -m, --setting", "none", "for example: bench run --all"});
  }
}

fs::path RequestOptions::store_file() const { return store.empty() ? checkout() / "results.db" : fs::path(store); }

namespace {

// Characters, not bytes: UTF-8 continuation bytes take no column.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    std::cout << line << "\n";
  }
}

}  // namespace assay::cli
