// A method's one question: put, timed, and checked.
#pragma once

#include <cstdint>
#include <vector>

#include "open-set-al/one_shot.hpp"
#include "open-set-al/one_shot_models.hpp"
#include "open-set-al/one_shot_problem.hpp"

namespace assay::open_set_al {

OneShotView make_one_shot_view(const OneShotProblem& problem, const std::vector<OneShotModel>& models,
                               const Streams& streams);

struct OneShotAnswer {
  OneShotPick pick;         // exactly min(budget, size) distinct ids, with a weight each
  std::int64_t filled = 0;  // of them, how many the method left out: drawn at random from stream "fill", weight 1
  double seconds = 0;       // that the method took
};

// Refuses (std::runtime_error: the run fails) what the pool protocol refuses, and weights that are not one positive
// number per id.
OneShotAnswer ask(OneShotMethod& method, const OneShotView& view);

}  // namespace assay::open_set_al
