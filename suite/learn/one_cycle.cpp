#include "learn/one_cycle.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace assay::learn {

namespace {

// Half a cosine from `a` at share = 0 to `b` at share = 1.
double eased(double a, double b, double share) { return a + (b - a) * (1 - std::cos(std::numbers::pi * share)) / 2; }

// Eased from `start` to `peak` while the rate rises, then to `end`.
double cycled(const OneCycle& cycle, std::int64_t it, double start, double peak, double end) {
  const auto at = static_cast<double>(it), steps = static_cast<double>(cycle.steps), rising = cycle.warm * steps;
  return at < rising ? eased(start, peak, at / rising) : eased(peak, end, (at - rising) / (steps - rising));
}

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;

using Groups = std::vector<torch::optim::OptimizerParamGroup>;

// Two groups: with decay and without.
template <typename Optimiser, typename Options>
std::unique_ptr<torch::optim::Optimizer> make(const std::vector<torch::Tensor>& parameters, double weight_decay) {
  std::vector<torch::Tensor> decayed, others;
  for (const auto& parameter : parameters) (parameter.dim() > 1 ? decayed : others).push_back(parameter);
  const auto options = [](double decay) {
    return std::make_unique<Options>(Options().betas({kBeta1, kBeta2}).eps(kEps).weight_decay(decay));
  };
  Groups groups;
  groups.emplace_back(std::move(decayed), options(weight_decay));
  groups.emplace_back(std::move(others), options(0));
  return std::make_unique<Optimiser>(std::move(groups), Options());
}

template <typename Options>
void set_beta1(torch::optim::Optimizer& optimiser, double beta1) {
  for (auto& group : optimiser.param_groups()) static_cast<Options&>(group.options()).betas({beta1, kBeta2});
}

}  // namespace

double OneCycle::learning_rate(std::int64_t it) const { return cycled(*this, it, max / 25, max, max / 2.5e5); }

double OneCycle::beta1(std::int64_t it) const { return cycled(*this, it, 0.95, 0.85, 0.95); }

OneCycleAdam::OneCycleAdam(const std::vector<torch::Tensor>& parameters, const OneCycleRecipe& recipe)
    : recipe_(recipe),
      optimiser_(recipe.decoupled
                     ? make<torch::optim::AdamW, torch::optim::AdamWOptions>(parameters, recipe.weight_decay)
                     : make<torch::optim::Adam, torch::optim::AdamOptions>(parameters, recipe.weight_decay)) {}

void OneCycleAdam::zero_grad() { optimiser_->zero_grad(); }

void OneCycleAdam::step() {
  TORCH_CHECK(taken_ < recipe_.cycle.steps, "one more step than the cycle's ", recipe_.cycle.steps);
  for (auto& group : optimiser_->param_groups()) group.options().set_lr(recipe_.cycle.learning_rate(taken_));
  if (recipe_.cycle_momentum) {
    const double beta1 = recipe_.cycle.beta1(taken_);
    if (recipe_.decoupled) {
      set_beta1<torch::optim::AdamWOptions>(*optimiser_, beta1);
    } else {
      set_beta1<torch::optim::AdamOptions>(*optimiser_, beta1);
    }
  }
  optimiser_->step();
  ++taken_;
}

}  // namespace assay::learn
