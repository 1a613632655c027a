// The task's entry point.
#pragma once

#include "data/images.hpp"
#include "learn/job.hpp"
#include "learn/reporter.hpp"

namespace assay::noisy_labels {

void run(const Job& job, Reporter& reporter);

// The same once the images are read; tests call it with images of their own.
void run_on(const Images& images, const Job& job, Reporter& reporter);

}  // namespace assay::noisy_labels
