#include "learn/determinism.hpp"

#include <malloc.h>
#include <torch/torch.h>

namespace assay::learn {

void make_deterministic() {
  at::set_num_threads(1);
  auto& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
}

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);
}

}  // namespace assay::learn
