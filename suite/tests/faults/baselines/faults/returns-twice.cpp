// Forks, and lets both processes return.
#include <unistd.h>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register returns_twice_registered("returns-twice", [](const Job& job, Reporter& reporter) {
  fork();
  behave(job, reporter);
});

}  // namespace assay::faults
