// Locks on single runs between processes that share a store, so that no two spend time on the same run.
#pragma once

#include <filesystem>
#include <string>

#include "engine/processes.hpp"

namespace assay {

// Byte-range locks in <store>.lock, at an offset that the run key gives. They belong to the open file, so that they end
// with this process however it ends. Two keys on one offset (1 in 2^60) would only wait for each other.
class RunLocks {
 public:
  explicit RunLocks(const std::filesystem::path& store_file);  // StoreError where the file cannot be made

  bool take(const std::string& key);  // false where another process holds it; StoreError where locks do not work at all
  void release(const std::string& key);

 private:
  std::filesystem::path file_;
  Descriptor descriptor_;
};

}  // namespace assay
