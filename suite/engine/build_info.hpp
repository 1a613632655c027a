// What the worker beside `bench` was built from. `bench-worker --describe` prints it; the build writes that to
// bench-worker.json, so that planning does not start LibTorch.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/records.hpp"

namespace assay {

struct BuiltMethod {
  std::string task, id, source;  // source: path inside the checkout
  std::string code;              // code fingerprint
};

struct BuildInfo {
  std::filesystem::path worker;  // the program
  std::string compiler, flags, libtorch;
  std::string libtorch_folder;  // where the worker found libtorch_cpu.so: libtorch_cuda.so is looked for beside it
  std::string revision;         // of the checkout, filled in by read_revision; "" outside one
  bool dirty = false;
  std::vector<BuiltMethod> methods;
  std::map<std::string, std::string> tasks;                         // id -> code fingerprint of its protocol
  std::map<std::string, std::string> sources;                       // path -> SHA-256
  std::map<std::string, std::vector<std::string>> sources_of_code;  // code fingerprint -> paths

  const BuiltMethod* method(const std::string& task, const std::string& id) const;  // nullptr if there is none
  Code code(const std::string& fingerprint) const;
  std::string task_code(const std::string& task) const;  // "" if this build has no such task
};

// Reads bench-worker.json beside the worker ($ASSAY_WORKER, or beside bench itself). MachineError where there is none.
BuildInfo read_build_info();

// Asks git for the revision of the checkout and whether tracked files differ from it.
void read_revision(const std::filesystem::path& root, BuildInfo& build);

}  // namespace assay
