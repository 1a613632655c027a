// The averaged model: an exponential moving average of the trained one's weights and of its batch-norm statistics.
#pragma once

#include <torch/torch.h>

#include <utility>
#include <vector>

namespace assay::ssl_multi_label {

class MovingAverage {
 public:
  // Both of one architecture.
  MovingAverage(const torch::nn::Module& of, torch::nn::Module& average, double decay);
  void update();  // average = decay average + (1 - decay) of; counters are copied

 private:
  std::vector<std::pair<torch::Tensor, torch::Tensor>> averaged_, copied_;  // of, average
  double decay_;
};

}  // namespace assay::ssl_multi_label
