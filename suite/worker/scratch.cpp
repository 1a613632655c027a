#include "worker/scratch.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/errors.hpp"

namespace assay {

Scratch::Scratch() {
  std::error_code none;
  auto pattern = (std::filesystem::temp_directory_path(none) / "run-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw MachineError(
        {"cannot make a temporary folder", pattern, "", std::strerror(errno), "name a writable folder with TMPDIR"});
  }
  folder_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;  // what cannot be removed now, bench removes with its own folder
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace assay
