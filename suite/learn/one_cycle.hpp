// Adam under the one-cycle schedule (Smith and Topin, 2019), cosine on both sides, with a warm-up share of the steps.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace assay::learn {

// With p = warm * steps, step it = 0, 1, ...: from max/25 up to max at it = p, then down to max/2.5e5 at it = steps.
// PyTorch's OneCycleLR has p - 1 and steps - 1 in their places.
struct OneCycle {
  double max = 0;
  std::int64_t steps = 0;
  double warm = 0.2;

  double learning_rate(std::int64_t it) const;
  double beta1(
      std::int64_t it) const;  // .95 down to .85 at the highest rate and back, as PyTorch's cycle_momentum does
};

struct OneCycleRecipe {
  OneCycle cycle;
  double weight_decay = 0;  // of weights with two dimensions or more; biases and norms are left alone
  bool decoupled = false;   // AdamW (Loshchilov and Hutter, ICLR 2019); otherwise the decay is added to the gradient
  bool cycle_momentum = false;  // otherwise beta1 = .9; beta2 = .999, eps = 1e-8
};

class OneCycleAdam {
 public:
  OneCycleAdam(const std::vector<torch::Tensor>& parameters, const OneCycleRecipe& recipe);
  void zero_grad();
  void step();  // at the gradients as they stand, with the rate of this step

 private:
  OneCycleRecipe recipe_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  std::int64_t taken_ = 0;
};

}  // namespace assay::learn
