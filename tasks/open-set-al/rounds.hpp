// The rounds of the pool protocol: target classifier, test, selection, answers; and what is reported of them.
#pragma once

#include "data/images.hpp"
#include "learn/job.hpp"
#include "learn/reporter.hpp"

namespace assay::open_set_al {

void run_pool(const Images& images, const Job& job, Reporter& reporter);

// (1/R) sum of (a_t + a_{t+1}) / 2 over the R + 1 accuracies; of one accuracy itself.
double area_under_budget_curve(const std::vector<double>& accuracy);

}  // namespace assay::open_set_al
