// A folder for one run's temporary files, removed with what is in it.
#pragma once

#include <filesystem>

namespace assay {

class Scratch {
 public:
  Scratch();  // in $TMPDIR; MachineError where none can be made
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace assay
