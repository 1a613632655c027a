// The one-shot protocol's entry points.
#pragma once

#include "data/images.hpp"
#include "learn/job.hpp"
#include "learn/reporter.hpp"
#include "open-set-al/one_shot.hpp"
#include "open-set-al/one_shot_models.hpp"
#include "open-set-al/one_shot_problem.hpp"

namespace assay::open_set_al {

// For each budget, ascending: the method asks once, the heads are fitted on all labels, and tested. The last budget's
// figures are the run's.
void run_one_shot(const Images& images, const Job& job, Reporter& reporter);

// The same with models that exist; tests call it with methods and models of their own.
void run_one_shot_with(OneShotMethod& method, const OneShotProblem& problem, const std::vector<OneShotModel>& models,
                       const Streams& streams, Reporter& reporter);

}  // namespace assay::open_set_al
