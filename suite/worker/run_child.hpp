// What happens in the forked child of one run, up to its end.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "worker/supervise.hpp"

namespace assay {

struct ChildPlace {
  int messages = -1, log = -1;    // where the child writes its messages and what it prints
  pid_t worker = 0;               // the parent: the child dies with it
  std::filesystem::path scratch;  // its TMPDIR
};

[[noreturn]] void run_child(const RunRequest& request, const ChildPlace& place);

}  // namespace assay
