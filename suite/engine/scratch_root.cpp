#include "engine/scratch_root.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/errors.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kStart = "assay-";

bool abandoned(const std::string& name) {
  if (!name.starts_with(kStart)) return false;
  const auto owner = std::atoi(name.c_str() + kStart.size());
  return owner > 0 && kill(owner, 0) != 0 && errno == ESRCH;
}

void remove_abandoned(const fs::path& temporary) {
  std::error_code ignored;  // another user's, or another bench is just removing it
  for (const auto& item : fs::directory_iterator(temporary, ignored)) {
    if (abandoned(item.path().filename().string())) fs::remove_all(item.path(), ignored);
  }
}

}  // namespace

ScratchRoot::ScratchRoot() {
  std::error_code none;
  const auto temporary = fs::temp_directory_path(none);
  remove_abandoned(temporary);
  auto pattern = (temporary / (std::string(kStart) + std::to_string(getpid()) + "-XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw MachineError(
        {"cannot make a temporary folder", pattern, "", std::strerror(errno), "name a writable folder with TMPDIR"});
  }
  folder_ = pattern;
}

ScratchRoot::~ScratchRoot() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace assay
