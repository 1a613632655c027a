// A place of its own for one test of the whole: a store, data, temporary files, and the real bench with the fault
// worker.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/processes.hpp"
#include "store/store.hpp"

namespace assay {

struct Ended {
  int status = 0;  // as the shell knows it: the exit status, or 128 and the signal
  std::string output, errors;
};

class Scene {
 public:
  Scene();
  ~Scene();  // kills what it started and removes the folder
  Scene(const Scene&) = delete;

  std::filesystem::path folder() const { return folder_; }
  std::filesystem::path store_file() const { return folder_ / "store" / "results.db"; }

  // Starts `bench run` with the arguments, in the scene.
  pid_t start(const std::vector<std::string>& arguments);
  Ended finish(pid_t bench);  // waits for it; its output so far is kept where it was killed
  Ended run(const std::vector<std::string>& arguments) { return finish(start(arguments)); }

  std::vector<Result> results() const { return Store(store_file(), Store::Mode::kRead).results(); }
  // Processes that were started in this scene, however they tried to get away: all inherit its mark.
  std::vector<pid_t> processes() const;

 private:
  std::filesystem::path folder_;
  std::string mark_;
};

}  // namespace assay
