// A task whose methods are faults: each is a function that misbehaves in one way.
#pragma once

#include <functional>
#include <string>

#include "learn/registry.hpp"

namespace assay::faults {

using Fault = std::function<void(const Job&, Reporter&)>;

struct Register {
  Register(const std::string& id, Fault fault, std::source_location here = std::source_location::current());
};

// What a sound method does: a metric, a curve, a prediction, all from the seed.
void behave(const Job& job, Reporter& reporter);

}  // namespace assay::faults
