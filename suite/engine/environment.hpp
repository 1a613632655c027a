// The machine and the build that a run happens on.
#pragma once

#include <string>

#include "engine/build_info.hpp"
#include "store/records.hpp"

namespace assay {

// "auto" becomes "cuda" where the machine has an NVIDIA GPU and the LibTorch at hand can use it, otherwise "cpu".
// UsageError for anything but auto, cpu, cuda, cuda:N.
std::string resolve_device(const std::string& asked, const BuildInfo& build);
std::string device_class(const std::string& device);  // "cpu" or "cuda"

// CPU or GPU model, OS, C library, compiler and flags, LibTorch, threads, instruction set; the id is a hash of these.
Environment describe_environment(const BuildInfo& build, const std::string& device, const std::string& isa);

// The part of it that can change a result, for the run key: not the CPU's name, but what was built and how it is run.
Json key_part(const BuildInfo& build, const std::string& device, const std::string& isa);

}  // namespace assay
