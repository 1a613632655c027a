// Files: whole reads, atomic writes, locks, and the folders that Assay uses on a machine.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace assay {

std::string read_file(const std::filesystem::path& file);  // DataError where it cannot be read

// Writes beside the target and renames over it: a reader sees the old bytes or the new ones, never a part. Missing
// parent folders are made. MachineError (disk full, read-only) names the path; then the old file is untouched.
void write_file(const std::filesystem::path& file, std::string_view bytes);

// An exclusive lock on a file (made if absent), held until destruction or the death of the process. Blocks.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

std::filesystem::path cache_folder();  // $ASSAY_CACHE, or $XDG_CACHE_HOME/assay, or ~/.cache/assay; not made here

}  // namespace assay
