// LibTorch's CUDA part, opened when the first job asks for it: the CPU's workers start faster, and need no CUDA
// installed.
#pragma once

#include <filesystem>

namespace assay {

std::filesystem::path libtorch_folder();  // where the libtorch_cpu of this process lies

// Registers the CUDA kernels in this process without making a CUDA context: that is the children's, since a context
// does not survive a fork. MachineError where the library is missing or does not load. Does nothing the second time.
void load_cuda();

}  // namespace assay
