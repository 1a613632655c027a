// The task's entry point.
#pragma once

#include "crack-width/scorer.hpp"
#include "learn/job.hpp"

namespace assay::crack_width {

void run(const Job& job, Reporter& reporter);

// The same once the scenes are made; tests call it with scenes of their own.
void run_on(const std::vector<Scene>& scenes, const Calibration& calibration, const Job& job, Reporter& reporter);

}  // namespace assay::crack_width
