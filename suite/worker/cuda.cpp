#include "worker/cuda.hpp"

#include <dlfcn.h>
#include <limits.h>

#include <filesystem>
#include <string>

#include "core/errors.hpp"

namespace assay {

std::filesystem::path libtorch_folder() {
  void* cpu = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  char folder[PATH_MAX] = "";
  if (cpu != nullptr) dlinfo(cpu, RTLD_DI_ORIGIN, folder);
  return folder;
}

void load_cuda() {
  static void* library = nullptr;
  if (library != nullptr) return;
  const auto file = libtorch_folder() / "libtorch_cuda.so";
  library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) {
    const char* why = dlerror();
    throw MachineError({"no CUDA", file.string(), "LibTorch's CUDA library, loadable", why ? why : "nothing",
                        "unpack it with ./ci/setup --cuda, or use --device cpu"});
  }
}

}  // namespace assay
