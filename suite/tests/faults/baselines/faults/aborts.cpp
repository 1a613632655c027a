// Fails an assertion.
#include <cstdio>
#include <cstdlib>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register aborts_registered("aborts", [](const Job&, Reporter&) {
  std::fputs("assertion failed: 1 == 2\n", stderr);
  std::abort();
});

}  // namespace assay::faults
