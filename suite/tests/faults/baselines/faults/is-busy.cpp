// Computes for ever.
#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register is_busy_registered("is-busy", [](const Job&, Reporter&) {
  for (volatile bool busy = true; busy;) continue;
});

}  // namespace assay::faults
