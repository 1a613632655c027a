// Throws in the middle of its work.
#include <stdexcept>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register throws_registered("throws", [](const Job&, Reporter& reporter) {
  reporter.epoch(1, 2, {{"score", 0.5}});
  throw std::runtime_error("the loss went\n  through the roof");
});

}  // namespace assay::faults
