#include "learn/one_cycle.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::learn {
namespace {

TEST(OneCycle, RisesForTheWarmShareOfTheStepsAndFallsForTheRest) {
  const OneCycle cycle{.max = 1, .steps = 100, .warm = 0.2};
  EXPECT_DOUBLE_EQ(cycle.learning_rate(0), 0.04);
  EXPECT_DOUBLE_EQ(cycle.learning_rate(10), 0.52);
  EXPECT_DOUBLE_EQ(cycle.learning_rate(20), 1);
  EXPECT_DOUBLE_EQ(cycle.learning_rate(60), (1 + 4e-6) / 2);
  EXPECT_NEAR(cycle.learning_rate(100), 4e-6, 1e-15);
  for (std::int64_t it = 0; it < 100; ++it) {
    EXPECT_EQ(cycle.learning_rate(it + 1) > cycle.learning_rate(it), it < 20) << it;
  }
}

TEST(OneCycle, OfTheQuickScheduleIsAsWrittenInTheSpecification) {
  const OneCycle cycle{.max = 4e-3, .steps = 750};
  const double p = 150;
  for (const std::int64_t it : {0, 1, 75, 149}) {
    EXPECT_NEAR(cycle.learning_rate(it),
                4e-3 / 25 + (4e-3 - 4e-3 / 25) * (1 - std::cos(M_PI * static_cast<double>(it) / p)) / 2, 1e-15);
  }
  for (const std::int64_t it : {150, 151, 400, 749}) {
    EXPECT_NEAR(
        cycle.learning_rate(it),
        4e-3 / 2.5e5 + (4e-3 - 4e-3 / 2.5e5) * (1 + std::cos(M_PI * (static_cast<double>(it) - p) / (750 - p))) / 2,
        1e-15);
  }
}

TEST(OneCycle, LowersMomentumWhereTheRateIsHigh) {
  const OneCycle cycle{.max = 1, .steps = 100, .warm = 0.2};
  EXPECT_DOUBLE_EQ(cycle.beta1(0), 0.95);
  EXPECT_DOUBLE_EQ(cycle.beta1(10), 0.9);
  EXPECT_DOUBLE_EQ(cycle.beta1(20), 0.85);
  EXPECT_DOUBLE_EQ(cycle.beta1(60), 0.9);
  EXPECT_NEAR(cycle.beta1(100), 0.95, 1e-12);
}

// A weight of two dimensions and a bias, double precision.
struct Parameters {
  torch::Tensor weight = torch::full({1, 1}, 2.0, torch::kFloat64).requires_grad_();
  torch::Tensor bias = torch::full({1}, 3.0, torch::kFloat64).requires_grad_();

  std::vector<torch::Tensor> all() const { return {weight, bias}; }
  void give(double gradient) {
    for (auto& parameter : all()) parameter.mutable_grad() = torch::full_like(parameter, gradient);
  }
};

const OneCycle kCycle{.max = 1, .steps = 10, .warm = 0.2};

TEST(OneCycleAdam, MovesByTheRateInItsFirstStep) {
  Parameters parameters;
  OneCycleAdam adam(parameters.all(), {.cycle = kCycle});
  parameters.give(-0.5);
  adam.step();
  EXPECT_NEAR(parameters.weight.item<double>(), 2.04, 1e-8);
  EXPECT_NEAR(parameters.bias.item<double>(), 3.04, 1e-8);
}

TEST(OneCycleAdam, AddsDecayToTheGradientOfWeightsOnly) {
  Parameters parameters;
  OneCycleAdam adam(parameters.all(), {.cycle = kCycle, .weight_decay = 0.1});
  parameters.give(0);
  adam.step();  // the gradient is .1 * 2 > 0: one full step
  EXPECT_NEAR(parameters.weight.item<double>(), 1.96, 1e-7);
  EXPECT_EQ(parameters.bias.item<double>(), 3);
}

TEST(OneCycleAdam, ShrinksWeightsDirectlyWhereDecayIsDecoupled) {
  Parameters parameters;
  OneCycleAdam adam(parameters.all(), {.cycle = kCycle, .weight_decay = 0.1, .decoupled = true});
  parameters.give(0);
  adam.step();
  EXPECT_DOUBLE_EQ(parameters.weight.item<double>(), 2 * (1 - 0.04 * 0.1));
  EXPECT_EQ(parameters.bias.item<double>(), 3);
}

// Gradients 1, then -2, by hand.
void expect_two_steps(const OneCycleRecipe& recipe, double first_beta1, double second_beta1) {
  Parameters parameters;
  OneCycleAdam adam(parameters.all(), recipe);
  parameters.give(1);
  adam.step();
  parameters.give(-2);
  adam.step();
  const double m = second_beta1 * (1 - first_beta1) - (1 - second_beta1) * 2, v = 0.999 * 0.001 + 0.001 * 4;
  const double moved = m / (1 - second_beta1 * second_beta1) / (std::sqrt(v / (1 - 0.999 * 0.999)) + 1e-8);
  EXPECT_NEAR(parameters.bias.item<double>(), 3 - 0.04 / (1 + 1e-8) - 0.52 * moved, 1e-9);
}

TEST(OneCycleAdam, TakesTheRateAndTheMomentumOfEachStep) {
  expect_two_steps({.cycle = kCycle}, 0.9, 0.9);
  expect_two_steps({.cycle = kCycle, .decoupled = true}, 0.9, 0.9);
  expect_two_steps({.cycle = kCycle, .cycle_momentum = true}, 0.95, 0.9);
  expect_two_steps({.cycle = kCycle, .decoupled = true, .cycle_momentum = true}, 0.95, 0.9);
}

TEST(OneCycleAdam, LeavesWhatHasNoGradient) {
  Parameters parameters;
  OneCycleAdam adam(parameters.all(), {.cycle = kCycle, .weight_decay = 0.1});
  parameters.give(1);
  adam.zero_grad();
  parameters.bias.mutable_grad() = torch::ones_like(parameters.bias);
  adam.step();
  EXPECT_EQ(parameters.weight.item<double>(), 2);
  EXPECT_LT(parameters.bias.item<double>(), 3);
}

TEST(OneCycleAdam, RefusesMoreStepsThanTheCycleHas) {
  Parameters parameters;
  OneCycleAdam adam(parameters.all(), {.cycle = {.max = 1, .steps = 2}});
  parameters.give(1);
  adam.step();
  adam.step();
  EXPECT_THROW(adam.step(), c10::Error);
}

}  // namespace
}  // namespace assay::learn
