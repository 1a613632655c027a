// Does nothing wrong.
#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register good_registered("good", [](const Job& job, Reporter& reporter) { behave(job, reporter); });

}  // namespace assay::faults
