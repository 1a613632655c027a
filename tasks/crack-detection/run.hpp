// Runs one job of the task.
#pragma once

#include "learn/job.hpp"
#include "learn/reporter.hpp"

namespace assay::cracks {

void run(const Job& job, Reporter& reporter);

}  // namespace assay::cracks
