// Runs one job of the task.
#pragma once

#include "learn/job.hpp"
#include "learn/reporter.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::ssl_multi_label {

void run(const Job& job, Reporter& reporter);

// The same on images that are in memory already.
void run_on(const multi_label::LabelledData& data, const Job& job, Reporter& reporter);

}  // namespace assay::ssl_multi_label
