// The folder for temporary files of all workers of one bench.
#pragma once

#include <filesystem>

namespace assay {

// <tmp>/assay-<pid of bench>-XXXXXX, removed at the end. Those of processes that were killed are removed first.
class ScratchRoot {
 public:
  ScratchRoot();  // MachineError where none can be made
  ~ScratchRoot();
  ScratchRoot(const ScratchRoot&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace assay
