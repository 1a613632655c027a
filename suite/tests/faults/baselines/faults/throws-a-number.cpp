// Throws something that is no std::exception.
#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register throws_a_number_registered("throws-a-number", [](const Job&, Reporter&) { throw 42; });

}  // namespace assay::faults
