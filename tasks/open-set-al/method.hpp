// What a method of this task is. It takes part in the protocols whose interface it implements, as its card says:
//   PoolMethod (protocol.hpp)        "pool"       rounds of queries against a pool that holds unknown classes
//   FederatedMethod (federated.hpp)  "federated"  stages of queries at clients that share a model, not their images
//   OneShotMethod (one_shot.hpp)     "one-shot"   all labels asked for at once, for several models
#pragma once

#include <cstdint>
#include <vector>

#include "learn/registry.hpp"

namespace assay::open_set_al {

using Ids = std::vector<std::int64_t>;  // positions among the training images

class Method {
 public:
  using Interface = Method;
  static constexpr const char* kTask = "open-set-al";

  virtual ~Method() = default;
};

}  // namespace assay::open_set_al
