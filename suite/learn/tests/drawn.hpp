// Numbers for tests.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "core/streams.hpp"

namespace assay::learn {

inline torch::Tensor drawn(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  Stream draws(seed);
  auto x = torch::empty(sizes);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<float>()[i] = static_cast<float>(draws.normal());
  return x;
}

}  // namespace assay::learn
