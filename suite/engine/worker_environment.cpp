#include "engine/worker_environment.hpp"

#include <algorithm>
#include <string_view>

namespace assay {

namespace {

// Number of threads, instruction set, allocator, preloaded code, language of messages: each gave other bits, other
// times or other texts (OMP_DYNAMIC=true hung LibTorch).
constexpr std::string_view kDropped[]{"OMP_",
                                      "GOMP_",
                                      "KMP_",
                                      "MKL_",
                                      "ATEN_",
                                      "ONEDNN_",
                                      "DNNL_",
                                      "OPENBLAS_",
                                      "TORCH_",
                                      "PYTORCH_",
                                      "LD_PRELOAD=",
                                      "GLIBC_TUNABLES=",
                                      "MALLOC_",
                                      "LC_",
                                      "LANG=",
                                      "LANGUAGE=",
                                      "CUBLAS_WORKSPACE_CONFIG=",
                                      "TMPDIR="};

bool dropped(std::string_view variable) {
  return std::any_of(std::begin(kDropped), std::end(kDropped),
                     [&](std::string_view start) { return variable.starts_with(start); });
}

}  // namespace

std::vector<std::string> worker_environment(const std::vector<std::string>& own, const std::string& isa,
                                            const std::string& scratch) {
  std::vector<std::string> variables;
  std::copy_if(own.begin(), own.end(), std::back_inserter(variables), [](const auto& each) { return !dropped(each); });
  for (const char* each : {"OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1", "LC_ALL=C"}) variables.emplace_back(each);
  variables.emplace_back("CUBLAS_WORKSPACE_CONFIG=:4096:8");  // cuBLAS is deterministic only with a fixed workspace
  variables.push_back("TMPDIR=" + scratch);
  if (isa == "avx2") {
    for (const char* each : {"ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_CBWR=AVX2"}) {
      variables.emplace_back(each);
    }
  }
  return variables;
}

}  // namespace assay
