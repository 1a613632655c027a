// The task's entry point.
#pragma once

#include "data/images.hpp"
#include "learn/job.hpp"
#include "learn/reporter.hpp"

namespace assay::open_set_al {

void run(const Job& job, Reporter& reporter);
void run_on(const Images& images, const Job& job, Reporter& reporter);  // by the protocol that the setting names

}  // namespace assay::open_set_al
