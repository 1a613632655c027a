// Gives a metric that is not a number.
#include <limits>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register gives_nan_registered("gives-nan", [](const Job&, Reporter& reporter) {
  reporter.metric("score", std::numeric_limits<double>::quiet_NaN());
});

}  // namespace assay::faults
