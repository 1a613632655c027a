// The heads of the one-shot protocol: linear maps from a model's features to one-hot targets, in closed form.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "open-set-al/one_shot_models.hpp"
#include "open-set-al/one_shot_problem.hpp"

namespace assay::open_set_al {

// The theta, float64 [d, outputs], with the least sum_i w_i |x_i theta - y_i|^2 + ridge |theta|^2: normal equations by
// Cholesky. x [n, d], y [n, outputs], w [n], all float64; ridge > 0.
torch::Tensor weighted_ridge(const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& w, double ridge);

// Pool images whose labels the heads may use, each with its weight.
struct WeightedRows {
  Ids ids;
  std::vector<double> weights;
};

// How the heads do on the test images.
struct HeadScores {
  std::vector<torch::Tensor> outputs;  // per model: float64 [test, classes]
  std::vector<double> right;           // per test image: percentage of the models whose largest output is the label
  double accuracy = 0;                 // mean of `right`
  double mse = 0;                      // over images, outputs and models
};
HeadScores fit_heads(const OneShotProblem& problem, const std::vector<OneShotModel>& models, const WeightedRows& rows);

}  // namespace assay::open_set_al
