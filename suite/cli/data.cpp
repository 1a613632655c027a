#include <unistd.h>

#include <chrono>
#include <iostream>

#include "cli/command.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "data/artefacts.hpp"
#include "data/download.hpp"
#include "data/locate.hpp"

namespace assay::cli {

namespace {

const DataSet& dataset_of(const Catalog& catalog, const std::string& id) {
  if (const auto* dataset = catalog.dataset(id)) return *dataset;
  std::vector<std::string> known;
  for (const auto& dataset : catalog.datasets) known.push_back(dataset.id);
  throw UsageError(
      {"unknown data set", "bench data", "one of " + join(known, ", "), "\"" + id + "\"", did_you_mean(id, known)});
}

std::vector<const DataSet*> chosen(const Catalog& catalog, const std::vector<std::string>& ids) {
  std::vector<const DataSet*> datasets;
  for (const auto& id : ids) datasets.push_back(&dataset_of(catalog, id));
  if (ids.empty()) {
    for (const auto& dataset : catalog.datasets) datasets.push_back(&dataset);
  }
  return datasets;
}

std::string recipe_name(const Json& recipe) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : recipe.items()) {
    if (value.is_primitive())
      parts.push_back(key + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return join(parts, " ");
}

ArtefactCache artefacts() { return ArtefactCache(cache_folder() / "artefacts"); }

constexpr const char* kGenerated = "generated: nothing to fetch";

std::string where(const LocatedData& located) {
  if (located.dataset->generated) return kGenerated;
  return located.available() ? located.files.front().path.parent_path().string() : located.remedy();
}

void list() {
  std::vector<std::vector<std::string>> rows{{"DATA SET", "STATE", "LICENCE", "WHERE, OR WHAT TO DO"}};
  for (const auto& dataset : read_catalog(checkout()).datasets) {
    const auto located = locate(dataset);
    rows.push_back({dataset.id, located.available() ? "available" : "absent", dataset.licence, where(located)});
  }
  print_table(rows);
  const auto items = artefacts().list();
  if (items.empty()) return;
  std::cout << "\n";
  rows = {{"ARTEFACT", "STATE", "SIZE", "LAST USED", "RECIPE"}};
  for (const auto& item : items) {
    rows.push_back({item.hash.substr(0, 12), item.sound ? "sound" : "DAMAGED", bytes(item.bytes),
                    utc_time(item.used_ms), recipe_name(item.recipe)});
  }
  print_table(rows);
}

// Progress on one line of a terminal, silent elsewhere.
bool show_progress(const DataFile& file, std::uint64_t arrived) {
  if (!isatty(STDERR_FILENO)) return true;
  std::cerr << "\r" << file.name << ": " << bytes(arrived) << (file.size ? " of " + bytes(file.size) : "") << "\033[K";
  if (arrived >= file.size) std::cerr << "\n";
  return true;
}

void get(const std::vector<std::string>& ids) {
  const auto catalog = read_catalog(checkout());
  for (const auto* dataset : chosen(catalog, ids)) {
    const int fetched = download_missing(*dataset, show_progress);
    std::cout << dataset->id << ": "
              << (fetched              ? std::to_string(fetched) + " files in " + download_folder(*dataset).string()
                  : dataset->generated ? kGenerated
                                       : "already available")
              << "\n";
  }
}

ExitCode verify_all(const std::vector<std::string>& ids) {
  const auto catalog = read_catalog(checkout());
  ExitCode code = ExitCode::kOk;
  for (const auto* dataset : chosen(catalog, ids)) {
    const auto found = verify(*dataset);
    if (!found.available()) {
      std::cout << dataset->id << ": " << found.reason() << "; " << found.remedy() << "\n";
      if (!ids.empty()) code = ExitCode::kData;
      continue;
    }
    if (dataset->generated) std::cout << dataset->id << ": " << kGenerated << "\n";
    for (const auto& file : found.files) {
      const bool declared = !file.file->sha256.empty();
      std::cout << dataset->id << ": " << file.path.string() << ": "
                << (declared ? "as declared, " : "no checksum declared, ") << file.checksum << "\n";
    }
  }
  for (const auto& item : artefacts().list()) {
    if (!item.sound)
      std::cout << "artefact " << item.hash.substr(0, 12) << ": damaged; it is made anew when it is needed\n";
  }
  return code;
}

void prune(int days) {
  using namespace std::chrono;
  const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  const auto freed = artefacts().prune(now - std::int64_t{days} * 24 * 3600 * 1000);
  std::cout << bytes(freed) << " freed\n";
}

}  // namespace

void add_data(CLI::App& app, ExitCode& code) {
  app.require_subcommand(1);
  app.footer(
      "Data sets are looked for in $ASSAY_DATA (folders, separated by ':'), in the places of system packages, and in "
      "the\n"
      "cache. Artefacts are decoded or generated data that runs share.\n\nExamples:\n  bench data list\n"
      "  bench data get cifar-10\n  bench data verify fashion-mnist\n  bench data prune --days 30");
  auto ids = std::make_shared<std::vector<std::string>>();
  auto days = std::make_shared<int>(0);
  app.add_subcommand("list", "Data sets and artefacts: where they are, or how to get them")->callback([] { list(); });
  auto* get_command =
      app.add_subcommand("get", "Download a data set into the cache: resumed, checked, put in place when whole");
  get_command->add_option("dataset", *ids, "Data set ids")->required();
  get_command->callback([ids] { get(*ids); });
  auto* verify_command = app.add_subcommand("verify", "Hash every file anew (of all data sets if none is named)");
  verify_command->add_option("dataset", *ids, "Data set ids");
  verify_command->callback([ids, &code] { code = verify_all(*ids); });
  auto* prune_command = app.add_subcommand("prune", "Remove artefacts that were not used lately");
  prune_command->add_option("--days", *days, "Keep what was used within this many days")->capture_default_str();
  prune_command->callback([days] { prune(*days); });
}

}  // namespace assay::cli
