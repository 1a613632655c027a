// The update rules, on a quadratic whose steps can be followed by hand and on a small network.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "learn/registry.hpp"
#include "learn/sharpness.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

struct NcsamSettings {
  double rho = 0, kappa = 0, flip_ratio = 0, warmup = 0;
  double sign = 1;
  bool projection = true;
};
learn::MakeRule ncsam_rule(NcsamSettings settings, std::uint64_t seed);
torch::Tensor ncsam_weights(const torch::Tensor& logits);
torch::Tensor ncsam_flipped(const torch::Tensor& logits, const torch::Tensor& given);
double ncsam_ramp(std::int64_t epoch, std::int64_t epochs);
torch::Tensor ncsam_projected(const torch::Tensor& v, double rho);

namespace {

using learn::bsam_rule;
using learn::sam_rule;

struct Point : torch::nn::Module {
  explicit Point(std::vector<double> at) { w = register_parameter("w", torch::tensor(at, torch::kFloat64)); }
  torch::Tensor w;
};

// L = w'Hw / 2 with H = diag(1, 4). Batches with one row add g* = (-3, 0) as their gradient instead: ncsam's flipped
// rows.
learn::Score quadratic(Point& point) {
  return [&point](const Batch& batch) {
    const auto h = torch::tensor({1.0, 4.0}, torch::kFloat64);
    const auto logits = torch::zeros({4, 3}, torch::kFloat64);
    if (batch.x.size(0) == 2) return learn::Scored{-3 * point.w[0], logits};
    return learn::Scored{(h * point.w * point.w).sum() / 2, logits};
  };
}

Batch rows(std::int64_t n) {
  Batch batch;
  batch.x = torch::zeros({n, 1});
  batch.y = torch::zeros({n}, torch::kInt64);
  batch.index = torch::arange(n);
  return batch;
}

std::pair<double, double> after_step(const learn::MakeRule& make, learn::Progress progress = {0, 0, 1, 0.1}) {
  Point point({2, 1});
  const auto rule = make(point, {1, 4, 0.1, 0, 0});
  rule->step(quadratic(point), rows(4), progress);
  return {point.w[0].item<double>(), point.w[1].item<double>()};
}

void expect_at(const std::pair<double, double>& found, double first, double second) {
  EXPECT_NEAR(found.first, first, 1e-6);
  EXPECT_NEAR(found.second, second, 1e-6);
}

TEST(Sgd, MovesTwoStepsAsWorkedOut) {
  Point point({1});
  learn::PlainRule rule(point, {1, 4, 0.1, 0.9, 0.01});
  const learn::Score slope = [&](const Batch&) { return learn::Scored{point.w.sum(), {}}; };
  rule.step(slope, rows(4), {0, 0, 1, 0.1});
  EXPECT_NEAR(point.w.item<double>(), 0.899, 1e-12);
  rule.step(slope, rows(4), {0, 0, 1, 0.1});
  EXPECT_NEAR(point.w.item<double>(), 0.707201, 1e-12);
}

TEST(Sgd, LeavesWeightsWithoutAGradientAlone) {
  struct Two : torch::nn::Module {
    Two() {
      used = register_parameter("used", torch::ones({1}));
      idle = register_parameter("idle", torch::ones({1}));
    }
    torch::Tensor used, idle;
  } two;
  learn::PlainRule rule(two, {1, 4, 0.1, 0.9, 0.1});
  rule.step([&](const Batch&) { return learn::Scored{two.used.sum(), {}}; }, rows(4), {0, 0, 1, 0.1});
  EXPECT_EQ(two.idle.item<float>(), 1.0F);  // a zero gradient would have let it decay to 0.99
  EXPECT_LT(two.used.item<float>(), 1.0F);
}

// Adam's first step is the learning rate against each sign, whatever the gradient's length (epsilon 1e-8 aside).
TEST(Adam, MovesByTheLearningRateAtFirst) {
  Point point({2, 1});
  learn::PlainRule rule(point, {1, 4, 0.1, 0, 0, learn::Optimiser::kAdam});
  rule.step(quadratic(point), rows(4), {0, 0, 1, 0.1});
  expect_at({point.w[0].item<double>(), point.w[1].item<double>()}, 1.9, 0.9);
}

TEST(Sam, StepsAlongTheGradientAtTheAscendedPoint) { expect_at(after_step(sam_rule(0.1)), 1.7955279, 0.5642229); }

TEST(Bsam, StepsAsWorkedOut) {
  expect_at(after_step(bsam_rule({0.1, 0.1, false, false})), 1.7910557, 0.5284458);
  expect_at(after_step(bsam_rule({0.1, 0.1, true, false})), 1.8232073, 0.5883368);
  expect_at(after_step(bsam_rule({0.1, 0.1, true, true})), 1.7784860, 0.4988941);
}

TEST(Bsam, ShrinksTheLowerRadiusWithTheLearningRate) {
  const auto plain = after_step(bsam_rule({0.1, 0.1, false, false}), {0, 0, 1, 0.05});
  const auto sam = after_step(sam_rule(0.15), {0, 0, 1, 0.05});  // on a quadratic: SAM with the sum of the radii
  expect_at(plain, sam.first, sam.second);
}

TEST(Ncsam, AddsTheFlippedGradientAndProjects) {
  // kappa = s, since the ramp is 1 in the last epoch; next w = w - 0.1 g(w + e).
  expect_at(after_step(ncsam_rule({0.1, 0.02, 0.5, 0}, 1)), 2 - 0.19847214, 1 - 0.43577709);
  expect_at(after_step(ncsam_rule({0.1, 0.1, 0.5, 0}, 1)), 2 - 0.19056251, 1 - 0.41322656);
}

TEST(Ncsam, WarmsUpWithPlainSgd) {
  expect_at(after_step(ncsam_rule({0.1, 0.1, 0.5, 0.5}, 1), {0, 0, 2, 0.1}), 1.8, 0.6);
}

TEST(Ncsam, NeedsLogits) {
  Point point({2, 1});
  const auto rule = ncsam_rule({0.1, 0.1, 0.5, 0}, 1)(point, {1, 4, 0.1, 0, 0});
  EXPECT_THROW(rule->step(
                   [&](const Batch&) {
                     return learn::Scored{point.w.sum(), {}};
                   },
                   rows(4), {0, 0, 1, 0.1}),
               std::logic_error);
}

TEST(Ncsam, PrefersRowsWithASmallGap) {
  const auto p = ncsam_weights(torch::tensor({{3., 1., 0.}, {2., 2., 0.}}));
  EXPECT_NEAR(p[0].item<double>(), 0.25, 1e-6);
  EXPECT_NEAR(p[1].item<double>(), 0.75, 1e-6);
}

TEST(Ncsam, FlipsToTheBestOtherClass) {
  const auto logits = torch::tensor({{3., 1., 0.}, {3., 1., 0.}, {3., 1., 0.}});
  EXPECT_TRUE(torch::equal(ncsam_flipped(logits, torch::tensor({0, 1, 2})), torch::tensor({1, 0, 0})));
}

TEST(Ncsam, GrowsUntilHalfOfTheEpochs) {
  EXPECT_NEAR(ncsam_ramp(51, 200), 0.3238245, 1e-7);
  EXPECT_NEAR(ncsam_ramp(60, 200), 0.4320000, 1e-7);
  EXPECT_NEAR(ncsam_ramp(75, 200), 0.6328125, 1e-7);
  EXPECT_EQ(ncsam_ramp(100, 200), 1);
  EXPECT_EQ(ncsam_ramp(170, 200), 1);
}

TEST(Ncsam, ProjectsIntoTheBall) {
  const auto v = ncsam_projected(torch::tensor({0.13, 0.04}, torch::kFloat64), 0.05);
  EXPECT_NEAR(v[0].item<double>(), 0.0477890, 1e-7);
  EXPECT_NEAR(v[1].item<double>(), 0.0147043, 1e-7);
}

// --- On a network: what holds for every rule.

std::vector<std::pair<std::string, learn::MakeRule>> all_rules(double scale) {
  return {{"sgd", learn::plain_rule()},
          {"sam", sam_rule(0.05 * scale)},
          {"bsam", bsam_rule({0.05 * scale, 0.05 * scale, true, false})},
          {"ncsam", ncsam_rule({0.05 * scale, 0.1 * scale, 0.5, 0}, 1)}};
}

struct Trial {
  Trial() : net(learn::make_network("t90", {1, 12, 12}, 3, Stream(1))) {
    torch::manual_seed(0);
    batch = rows(8);
    batch.x = torch::linspace(-1, 1, 8 * 144).sin().reshape({8, 1, 12, 12});
    batch.y = torch::arange(8).remainder(3);
    net->count_in(work);
    net->train();
    score = [this](const Batch& part) {
      const auto logits = net->forward(part.x).logits;
      return learn::Scored{cross_entropy(logits, part), logits};
    };
  }
  torch::Tensor weights() const {
    std::vector<torch::Tensor> parts;
    for (const auto& parameter : net->parameters()) parts.push_back(parameter.detach().flatten());
    return torch::cat(parts).clone();
  }
  torch::Tensor buffers() const {
    std::vector<torch::Tensor> parts;
    for (const auto& buffer : net->buffers()) parts.push_back(buffer.detach().flatten().to(torch::kFloat64));
    return torch::cat(parts).clone();
  }

  std::shared_ptr<learn::Net> net;
  std::shared_ptr<learn::Work> work = std::make_shared<learn::Work>();
  Batch batch;
  learn::Score score;
};

constexpr learn::Recipe kRecipe{1, 8, 0.05, 0.9, 5e-4};

TEST(EveryRule, RestoresTheWeightsBitForBit) {
  for (const auto& [name, make] : all_rules(1)) {
    Trial trial;
    const auto rule = make(*trial.net, {1, 8, 0.05, 0, 0});
    const auto before = trial.weights();
    rule->step(trial.score, trial.batch, {0, 0, 1, 0});
    EXPECT_TRUE(torch::equal(before, trial.weights())) << name;
  }
}

TEST(EveryRule, RestoresWeightsAndBuffersWhereAnEvaluationThrows) {
  for (const auto& [name, make] : all_rules(1)) {
    if (name == "sgd") continue;
    Trial trial;
    const auto rule = make(*trial.net, kRecipe);
    const auto weights = trial.weights(), buffers = trial.buffers();
    int calls = 0;
    const learn::Score failing = [&](const Batch& part) {
      const auto scored = trial.score(part);
      if (++calls == 2) throw std::runtime_error("point 1");
      return scored;
    };
    EXPECT_THROW(rule->step(failing, trial.batch, {0, 0, 1, 0.05}), std::runtime_error);
    EXPECT_TRUE(torch::equal(weights, trial.weights())) << name;
    EXPECT_TRUE(torch::equal(buffers, trial.buffers())) << name;
  }
}

TEST(EveryRule, MovesBuffersAsOneSgdStepDoes) {
  Trial plain;
  learn::PlainRule(*plain.net, kRecipe).step(plain.score, plain.batch, {0, 0, 1, 0.05});
  for (const auto& [name, make] : all_rules(1)) {
    Trial trial;
    make(*trial.net, kRecipe)->step(trial.score, trial.batch, {0, 0, 1, 0.05});
    EXPECT_TRUE(torch::equal(plain.buffers(), trial.buffers())) << name;
  }
}

TEST(EveryRule, WithoutRadiusIsSgdBitForBit) {
  torch::Tensor expected;
  for (const auto& [name, make] : all_rules(0)) {
    Trial trial;
    const auto rule = make(*trial.net, kRecipe);
    for (int i = 0; i < 20; ++i) rule->step(trial.score, trial.batch, {0, 0, 1, 0.05});
    if (name == "sgd") expected = trial.weights();
    EXPECT_TRUE(torch::equal(expected, trial.weights())) << name;
  }
}

TEST(EveryRule, StandsStillWhereTheGradientVanishes) {
  for (const auto& [name, make] : all_rules(1)) {
    Point point({0, 0});
    make(point, {1, 4, 0.1, 0, 0})->step(quadratic(point), rows(4), {0, 0, 2, 0.1});
    EXPECT_TRUE(point.w.isfinite().all().item<bool>()) << name;
  }
}

TEST(EveryRule, CostsItsClosedForm) {
  const std::map<std::string, double> passes{{"sgd", 1}, {"sam", 2}, {"bsam", 3}, {"ncsam", 2.5}};
  for (const auto& [name, make] : all_rules(1)) {
    Trial trial;
    make(*trial.net, kRecipe)->step(trial.score, trial.batch, {0, 0, 1, 0.05});
    EXPECT_DOUBLE_EQ(trial.work->passes() / 8, passes.at(name)) << name;
  }
}

TEST(EveryRule, EndsTheRunWhereTheLossIsNotANumber) {
  for (const auto& [name, make] : all_rules(1)) {
    Trial trial;
    const learn::Score broken = [&](const Batch& part) {
      auto scored = trial.score(part);
      scored.loss = scored.loss * std::numeric_limits<double>::quiet_NaN();
      return scored;
    };
    EXPECT_THROW(make(*trial.net, kRecipe)->step(broken, trial.batch, {0, 0, 1, 0.05}), NonFinite) << name;
  }
}

}  // namespace
}  // namespace assay::noisy_labels
