// Reads from an address that is none.
#include <csignal>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register segfaults_registered("segfaults", [](const Job&, Reporter&) {
  std::raise(SIGSEGV);  // the signal itself: a bad read would be undefined, and compiled to anything
});

}  // namespace assay::faults
