// Sleeps for ever.
#include <unistd.h>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register sleeps_registered("sleeps", [](const Job&, Reporter&) {
  for (;;) pause();
});

}  // namespace assay::faults
