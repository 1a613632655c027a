// The models of the one-shot protocol: networks of several widths, all trained on the images that are labelled at
// first. They are the same for every method, and therefore an artefact.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "learn/job.hpp"
#include "open-set-al/one_shot_problem.hpp"

namespace assay::open_set_al {

// What a model makes of the images. Its head is no longer needed: heads are fitted anew on the features.
struct OneShotModel {
  torch::Tensor features;       // float32 [pool, d]: z, and a last column of ones
  torch::Tensor probabilities;  // float32 [pool, classes]
  torch::Tensor test;           // float32 [test, d]: features of the test images
};

std::vector<OneShotModel> obtain_one_shot_models(const OneShotProblem& problem, const Job& job);

}  // namespace assay::open_set_al
