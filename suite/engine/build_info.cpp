#include "engine/build_info.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/strict_json.hpp"
#include "core/text.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

fs::path worker_path() {
  if (const char* named = std::getenv("ASSAY_WORKER"); named && *named) return named;
  return fs::read_symlink("/proc/self/exe").parent_path() / "bench-worker";
}

}  // namespace

const BuiltMethod* BuildInfo::method(const std::string& task, const std::string& id) const {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const BuiltMethod& method) { return method.task == task && method.id == id; });
  return found == methods.end() ? nullptr : &*found;
}

std::string BuildInfo::task_code(const std::string& task) const {
  const auto found = tasks.find(task);
  return found == tasks.end() ? "" : found->second;
}

Code BuildInfo::code(const std::string& fingerprint) const {
  Code code{fingerprint, revision, dirty, {}};
  for (const auto& path : sources_of_code.at(fingerprint)) code.sources.push_back({path, sources.at(path)});
  return code;
}

BuildInfo read_build_info() {
  BuildInfo info;
  info.worker = worker_path();
  const fs::path file = info.worker.string() + ".json";
  if (!fs::exists(info.worker) || !fs::exists(file)) {
    throw MachineError({"no worker", info.worker.string(), "the program that runs methods, built", "nothing",
                        "build it with ./ci/bench, or name it with ASSAY_WORKER"});
  }
  const Json body = read_json(file, file.string());
  StrictObject object(body, file.string(), "");
  info.compiler = object.text("compiler");
  info.flags = object.text("flags");
  info.libtorch = object.text("libtorch");
  info.libtorch_folder = object.text("libtorch_folder");
  for (auto& item : object.objects("methods")) {
    info.methods.push_back({item.text("task"), item.text("id"), item.text("source"), item.text("code")});
  }
  info.tasks = object.any_object("tasks").get<std::map<std::string, std::string>>();
  info.sources = object.any_object("sources").get<std::map<std::string, std::string>>();
  info.sources_of_code = object.any_object("code").get<std::map<std::string, std::vector<std::string>>>();
  object.done();
  return info;
}

namespace {

// The output of a command, trimmed; "" where it fails.
std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "re");
  if (!pipe) return text;
  char buffer[512];
  while (const auto got = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, got);
  return pclose(pipe) == 0 ? std::string(trim(text)) : "";
}

std::string quoted(const std::string& path) {
  std::string text = "'";
  for (const char c : path) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace

void read_revision(const fs::path& root, BuildInfo& build) {
  const auto git = "git -C " + quoted(root.string());
  build.revision = output_of(git + " rev-parse --short=12 HEAD 2>/dev/null");
  // results.db changes by running; it is no source.
  const auto changed = output_of(git + " status --porcelain --untracked-files=no -- suite tasks baselines 2>/dev/null");
  build.dirty = !build.revision.empty() && !changed.empty();
}

}  // namespace assay
