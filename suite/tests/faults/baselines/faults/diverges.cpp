// Finds its loss not a number.
#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register diverges_registered("diverges",
                                   [](const Job&, Reporter&) { throw NonFinite("the loss is nan in epoch 2"); });

}  // namespace assay::faults
