#include <iostream>

#include "cli/command.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

// Cards, sources and what the worker was built with must name the same methods.
std::vector<std::string> compare_with_sources(const Catalog& catalog) {
  std::vector<std::string> faults;
  for (const auto& method : catalog.methods) {
    const auto stem = "baselines/" + method.task + "/" + method.id;
    if (!fs::exists(catalog.root / (stem + ".cpp"))) {
      faults.push_back(
          Problem{"card without a method", stem + ".json", stem + ".cpp", "no such file", "write it"}.line());
    }
  }
  for (const auto& task : catalog.tasks) {
    std::error_code absent;
    for (const auto& item : fs::directory_iterator(catalog.root / "baselines" / task.id, absent)) {
      if (item.path().extension() != ".cpp" || catalog.method(task.id, item.path().stem().string())) continue;
      const auto source = item.path().lexically_relative(catalog.root).string();
      const auto card = fs::path(source).replace_extension(".json").string();
      if (fs::exists(catalog.root / card)) continue;  // its own fault is reported
      faults.push_back(Problem{"method without a card", source, card, "no such file", "write it"}.line());
    }
  }
  return faults;
}

ExitCode check() {
  auto faults = check_catalog(checkout());
  if (faults.empty()) faults = compare_with_sources(read_catalog(checkout()));
  for (const auto& fault : faults) std::cerr << "bench: " << fault << "\n";
  if (!faults.empty()) return ExitCode::kDeclaration;
  const auto catalog = read_catalog(checkout());
  std::size_t settings = 0;
  for (const auto& task : catalog.tasks) settings += task.settings.size();
  std::cout << catalog.tasks.size() << " tasks, " << settings << " settings, " << catalog.methods.size() << " methods, "
            << catalog.datasets.size() << " data sets: all sound\n";
  return ExitCode::kOk;
}

}  // namespace

void add_check(CLI::App& app, ExitCode& code) {
  app.footer(
      "Reads task.json, cards and data sets strictly and prints every fault. Exit code 3 if there is one.\n\n"
      "Example:\n  bench check");
  app.callback([&code] { code = check(); });
}

}  // namespace assay::cli
