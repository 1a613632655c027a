// Run by the build: writes the generated source that defines kFingerprints (suite/worker/fingerprints.hpp).
//   fingerprint-sources ROOT OUTPUT METHODS [RUNTIME...]
// METHODS is the folder whose <task>/<method>.cpp are the methods, relative to ROOT. The sources of tasks/<task> beside
// it belong to each method of the task: they make its data and score it. RUNTIME sources belong to every method: they
// set up the process that a run lives in.
#include <algorithm>
#include <iostream>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/strict_json.hpp"
#include "engine/fingerprint.hpp"

namespace {

namespace fs = std::filesystem;
using assay::Json;

std::vector<fs::path> method_sources(const fs::path& folder) {
  std::vector<fs::path> sources;
  for (const auto& task : fs::directory_iterator(folder)) {
    if (!task.is_directory()) continue;
    for (const auto& item : fs::directory_iterator(task)) {
      const auto card = fs::path(item.path()).replace_extension(".json");
      if (item.path().extension() == ".cpp" && fs::exists(card)) sources.push_back(item.path());
    }
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

std::vector<fs::path> sources_in(const fs::path& folder) {
  std::vector<fs::path> sources;
  std::error_code absent;
  for (const auto& item : fs::directory_iterator(folder, absent)) {
    if (item.path().extension() == ".cpp") sources.push_back(item.path());
  }
  return sources;
}

Json fingerprints(const fs::path& root, const std::string& methods, const std::vector<std::string>& runtime) {
  assay::SourceGraph graph(root, {"suite", "tasks"});
  std::set<std::string> common;
  for (const auto& file : runtime) common.merge(graph.closure(file));
  Json table{
      {"sources", Json::object()}, {"methods", Json::array()}, {"tasks", Json::object()}, {"code", Json::object()}};
  for (const auto& source : method_sources(root / methods)) {
    const auto path = source.lexically_relative(root).string();
    auto files = graph.closure(path);
    files.insert(common.begin(), common.end());
    const auto task = source.parent_path().filename();
    std::set<std::string> protocol;
    for (const auto& file : sources_in((root / methods).parent_path() / "tasks" / task)) {
      protocol.merge(graph.closure(file.lexically_relative(root).string()));
    }
    table["tasks"][task.string()] = assay::code_fingerprint(graph, protocol);
    files.merge(protocol);
    const auto code = assay::code_fingerprint(graph, files);
    for (const auto& file : files) table["sources"][file] = graph.digest(file);
    table["methods"].push_back(
        {{"task", task.string()}, {"id", source.stem().string()}, {"source", path}, {"code", code}});
    table["code"][code] = files;
  }
  return table;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "fingerprint-sources ROOT OUTPUT METHODS [RUNTIME...]\n";
    return 2;
  }
  try {
    const std::vector<std::string> runtime(arguments + 4, arguments + count);
    const auto table = fingerprints(arguments[1], arguments[3], runtime).dump(1);
    // In pieces: a compiler need not take a literal of more than 65,536 characters.
    std::string source = "#include \"worker/fingerprints.hpp\"\nconst char* const assay::kFingerprints =\n";
    for (std::size_t begin = 0; begin < table.size(); begin += 8000) {
      source += "R\"json(" + table.substr(begin, 8000) + ")json\"\n";
    }
    assay::write_file(arguments[2], source + ";\n");
  } catch (const assay::Error& error) {
    std::cerr << error.what() << "\n";
    return static_cast<int>(error.code());
  }
}
