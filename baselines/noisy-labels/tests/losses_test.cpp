// The losses of the methods, with numbers worked by hand.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "core/streams.hpp"
#include "learn/batches.hpp"

namespace assay::noisy_labels {

torch::Tensor gce_loss(const torch::Tensor& logits, const torch::Tensor& labels, double q);
torch::Tensor label_smoothing_loss(const torch::Tensor& logits, const torch::Tensor& labels, double epsilon);
torch::Tensor mixup_loss(const torch::Tensor& logits, const torch::Tensor& a, const torch::Tensor& b, double lambda);
torch::Tensor elr_average(const torch::Tensor& t, const torch::Tensor& logits, double beta);
torch::Tensor elr_term(const torch::Tensor& t, const torch::Tensor& logits);
torch::Tensor co_teaching_kept(const torch::Tensor& logits, const torch::Tensor& labels, double rate);
torch::Tensor dpc_prediction(const torch::Tensor& logits, double gamma);
torch::Tensor dpc_nll(const torch::Tensor& logits, const torch::Tensor& labels, double gamma);
torch::Tensor dpc_kl(const torch::Tensor& logits, const torch::Tensor& labels, double gamma);
torch::Tensor dpc_edl(const torch::Tensor& logits, const torch::Tensor& labels, double gamma, double beta);
torch::Tensor dpc_margins(const torch::Tensor& logits, const torch::Tensor& labels);
torch::Tensor dpc_clean_probability(const torch::Tensor& margins, bool guard);
torch::Tensor dpc_sharpened(const torch::Tensor& p, double temperature);
double dpc_excess_kurtosis(const torch::Tensor& values);

namespace {

torch::Tensor doubles(std::vector<double> values) { return torch::tensor(values, torch::kFloat64).unsqueeze(0); }
torch::Tensor label(std::int64_t y) { return torch::tensor({y}, torch::kInt64); }
double cross_entropy_of(const torch::Tensor& logits, const torch::Tensor& y) {
  return torch::nn::functional::cross_entropy(logits, y).item<double>();
}
torch::Tensor probabilities(std::vector<double> p) { return doubles(std::move(p)).log(); }  // logits whose softmax is p

// Two classes, p = {3/4, 1/4}, label 0: q = 1 gives 1/4; q = 1/2 gives 2 - sqrt(3); q -> 0 gives ln(4/3).
TEST(Gce, GivesTheValuesWorkedOutByHand) {
  EXPECT_NEAR(gce_loss(probabilities({.75, .25}), label(0), 1.0).item<double>(), 0.25, 1e-12);
  EXPECT_NEAR(gce_loss(probabilities({.75, .25}), label(0), 0.5).item<double>(), 2 - std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(gce_loss(probabilities({.5, .5}), label(0), 0.7).item<double>(), .549183, 1e-6);
  EXPECT_NEAR(gce_loss(probabilities({.1, .9}), label(0), 0.7).item<double>(), 1.143534, 1e-6);
}

TEST(Gce, TendsToCrossEntropyAsQVanishes) {
  EXPECT_NEAR(gce_loss(probabilities({.75, .25}), label(0), 1e-6).item<double>(), std::log(4.0 / 3.0), 1e-6);
  EXPECT_EQ(gce_loss(probabilities({.75, .25}), label(0), 0).item<double>(),
            cross_entropy_of(probabilities({.75, .25}), label(0)));
}

TEST(Gce, WeighsTheGradientByTheProbability) {  // p^q (p - onehot): 0.1^0.7 = 0.1995 at zero logits
  auto logits = torch::zeros({1, 10}, torch::dtype(torch::kFloat64).requires_grad(true));
  gce_loss(logits, label(0), 0.7).backward();
  EXPECT_NEAR(logits.grad()[0][1].item<double>(), 0.1995262 * 0.1, 1e-7);
}

TEST(Gce, HasAFiniteGradientWhereTheProbabilityUnderflows) {
  auto far_off = torch::tensor({{-200.0, 200.0}}, torch::dtype(torch::kFloat32).requires_grad(true));
  gce_loss(far_off, label(0), 0.7).backward();
  EXPECT_TRUE(far_off.grad().isfinite().all().item<bool>());
}

TEST(LabelSmoothing, SpreadsEpsilonOverAllClasses) {
  const auto uniform = torch::zeros({1, 10}, torch::kFloat64);
  EXPECT_NEAR(label_smoothing_loss(uniform, label(3), 0.1).item<double>(), std::log(10), 1e-12);
  std::vector<double> target(10, 0.01);
  target[3] = 0.91;  // the minimum, where the loss is the target's entropy
  EXPECT_NEAR(label_smoothing_loss(probabilities(target), label(3), 0.1).item<double>(), .500288, 1e-6);
}

TEST(LabelSmoothing, WithoutEpsilonIsCrossEntropy) {
  const auto logits = doubles({1, 2, -1});
  EXPECT_EQ(label_smoothing_loss(logits, label(0), 0).item<double>(), cross_entropy_of(logits, label(0)));
}

TEST(Mixup, EqualsCrossEntropyOnTheMixedTarget) {
  const auto logits = doubles({1, 2, -1});
  const auto log_p = logits.log_softmax(1)[0];
  const double expected = -(0.3 * log_p[0] + 0.7 * log_p[2]).item<double>();
  EXPECT_NEAR(mixup_loss(logits, label(0), label(2), 0.3).item<double>(), expected, 1e-12);
  EXPECT_EQ(mixup_loss(logits, label(0), label(2), 1).item<double>(), cross_entropy_of(logits, label(0)));
}

TEST(Elr, GivesTheValuesWorkedOutByHand) {
  const auto p = doubles({.7, .2, .1});
  const auto t = elr_average(torch::zeros({1, 3}, torch::kFloat64), p.log(), 0.7);
  EXPECT_TRUE(torch::allclose(t, .3 * p));
  EXPECT_NEAR(elr_term(t, p.log()).item<double>(), -.176737, 1e-6);
  EXPECT_NEAR(elr_term(p, p.log()).item<double>(), -.776529, 1e-6);
}

TEST(Elr, PullsTheGradientTowardsTheAverage) {
  const auto p = doubles({.7, .2, .1});
  const std::vector<std::pair<double, std::vector<double>>> worked{{.3, {-.040095, .024344, .015752}},
                                                                   {1, {-.243478, .147826, .095652}}};
  for (const auto& [scale, expected] : worked) {
    auto logits = p.log().detach().clone().requires_grad_();
    elr_term(scale * p, logits).backward();
    EXPECT_TRUE(torch::allclose(logits.grad(), doubles(expected), 0, 1e-6));
  }
}

TEST(Elr, FillsAnAverageByOneMinusBetaToTheVisits) {
  const auto logits = doubles({.7, .2, .1}).log();
  auto t = torch::zeros({1, 3}, torch::kFloat64);
  for (int visit = 0; visit < 3; ++visit) t = elr_average(t, logits, 0.7);
  EXPECT_TRUE(torch::allclose(t, (1 - std::pow(0.7, 3)) * doubles({.7, .2, .1})));
}

TEST(CoTeaching, KeepsTheSmallestLosses) {
  const auto logits = torch::tensor({{5., 0.}, {0., 5.}, {1., 0.}, {0., 0.}});
  const auto kept = co_teaching_kept(logits, torch::zeros({4}, torch::kInt64), 0.5);
  EXPECT_TRUE(torch::equal(kept, torch::tensor({0, 2}, torch::kInt64)));
}

TEST(Dpc, CalibratesByTheSizeOfTheLogits) {  // the paper's figure 1: softmax gives .711235 for both
  EXPECT_NEAR(dpc_prediction(doubles({0, 2, 0, 0}), 1)[0][1].item<double>(), .583016, 1e-6);
  EXPECT_NEAR(dpc_prediction(doubles({-2, 0, -2, -2}), 1)[0][1].item<double>(), .369959, 1e-6);
}

TEST(Dpc, TendsToSoftmaxAndCrossEntropyAsGammaVanishes) {
  const auto logits = doubles({1, 0, -1});
  EXPECT_TRUE(torch::allclose(dpc_prediction(logits, 1e-12), logits.softmax(1)));
  EXPECT_NEAR(dpc_nll(logits, label(2), 1e-12).item<double>(), cross_entropy_of(logits, label(2)), 1e-9);
}

TEST(Dpc, GivesTheLossesWorkedOutByHand) {
  const double gamma = 10.0 / 3;
  const auto logits = doubles({1, 0, -1});
  EXPECT_NEAR(dpc_nll(logits, label(0), gamma).item<double>(), .844868, 1e-6);
  EXPECT_NEAR(dpc_kl(logits, label(0), gamma).item<double>(), .012129, 1e-6);
  EXPECT_NEAR(dpc_edl(logits, label(0), gamma, 0.5).item<double>(), .850932, 1e-6);
  EXPECT_NEAR(dpc_nll(logits, label(2), gamma).item<double>(), 1.336532, 1e-6);
  EXPECT_NEAR(dpc_kl(logits, label(2), gamma).item<double>(), .058016, 1e-6);
  EXPECT_NEAR(dpc_edl(logits, label(2), gamma, 0.5).item<double>(), 1.365540, 1e-6);
  const auto zeros = torch::zeros({1, 10}, torch::kFloat64);
  EXPECT_NEAR(dpc_nll(zeros, label(0), 1).item<double>(), 2.302585, 1e-6);
  EXPECT_NEAR(dpc_kl(zeros, label(0), 1).item<double>(), .113765, 1e-6);
}

TEST(Dpc, ComputesTheDivergenceOfLargeEvidenceExactly) {  // float32 gives 110.6
  std::vector<double> logits(10, -100);
  logits[1] = 15;
  const auto single = torch::tensor(logits, torch::kFloat32).unsqueeze(0);
  EXPECT_NEAR(10 * dpc_kl(single, label(0), 1).item<double>(), 113.198, 1e-3);
}

TEST(Dpc, TakesMarginsAgainstTheBestOtherClass) {
  const auto logits = torch::tensor({{2., 0., 1.}, {0., 3., 1.}, {1., 1., 0.}});
  EXPECT_TRUE(torch::equal(dpc_margins(logits, torch::tensor({0, 0, 2})), torch::tensor({1., -3., -1.})));
}

TEST(Dpc, TrustsTheMixtureUnlessTheMarginsAreTooPeaked) {
  const auto two_groups = torch::cat({torch::full({5}, -1.), torch::full({5}, 1.)});
  EXPECT_NEAR(dpc_excess_kurtosis(two_groups), -2, 1e-9);
  EXPECT_NEAR(dpc_clean_probability(two_groups, true)[9].item<double>(), 1, 1e-6);
  const auto peaked = torch::cat({torch::zeros({1}), torch::full({20}, .5), torch::ones({1})});
  EXPECT_GT(dpc_excess_kurtosis(peaked), 1.2);
  EXPECT_NEAR(dpc_clean_probability(peaked, true)[5].item<double>(), 0.5, 1e-6);
}

TEST(Dpc, Sharpens) {
  EXPECT_TRUE(torch::allclose(dpc_sharpened(doubles({.6, .4}), 0.5), doubles({.692308, .307692}), 0, 1e-6));
  EXPECT_TRUE(torch::allclose(dpc_sharpened(doubles({.7, .2, .1}), 1), doubles({.7, .2, .1})));
}

}  // namespace
}  // namespace assay::noisy_labels
