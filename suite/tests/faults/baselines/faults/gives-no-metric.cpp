// Ends well without the metric that the task requires.
#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register gives_no_metric_registered("gives-no-metric",
                                          [](const Job&, Reporter& reporter) { reporter.note("nothing", "to say"); });

}  // namespace assay::faults
