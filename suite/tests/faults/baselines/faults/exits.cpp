// Calls exit(3).
#include <cstdlib>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register exits_registered("exits", [](const Job&, Reporter&) { std::exit(3); });

}  // namespace assay::faults
