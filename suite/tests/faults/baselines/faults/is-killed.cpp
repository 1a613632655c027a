// Is killed from outside, without a reason that we know.
#include <csignal>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register is_killed_registered("is-killed", [](const Job&, Reporter&) { std::raise(SIGKILL); });

}  // namespace assay::faults
