// Runs one job of the task.
#pragma once

#include "learn/job.hpp"
#include "learn/reporter.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::multi_label_kd {

void run(const Job& job, Reporter& reporter);
void run_on(const multi_label::LabelledData& data, const Job& job, Reporter& reporter);  // on images that are there

}  // namespace assay::multi_label_kd
