// The rules that the methods' files state, on numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "ssl-multi-label/base_loss.hpp"
#include "ssl-multi-label/dual_net.hpp"
#include "ssl-multi-label/f_beta.hpp"
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

torch::Tensor top1_positive(const torch::Tensor& q);
std::int64_t topk_of(const torch::Tensor& labels);
torch::Tensor topk_positive(const torch::Tensor& q, std::int64_t k);
struct Confidence {
  double tau = 0;
  torch::Tensor p;  // [classes]; undefined before the first epoch
};
Confidence adaptive_confidence(const torch::Tensor& q, const Confidence& before, double momentum);
torch::Tensor adaptive_thresholds(const Confidence& now);
PseudoLabels adaptive_labels(const torch::Tensor& q, const Confidence& now);
PseudoLabels cap_labels(const torch::Tensor& q, const torch::Tensor& gamma, double eta1, double eta0);

namespace {

double value(const torch::Tensor& x) { return x.item<double>(); }

torch::Tensor column(const std::vector<float>& values) { return torch::tensor(values).unsqueeze(1); }

torch::Tensor logit_of(double p) { return torch::tensor({{static_cast<float>(std::log(p / (1 - p)))}}); }

torch::Tensor random_probabilities(std::int64_t rows, std::int64_t classes, std::uint64_t seed) {
  Stream stream(seed);
  auto q = torch::empty({rows, classes});
  for (std::int64_t i = 0; i < q.numel(); ++i) q.data_ptr<float>()[i] = static_cast<float>(stream.uniform());
  return q;
}

// --- Losses

TEST(BaseLoss, AsymmetricLossHasTheWorkedValues) {
  const auto zero = torch::zeros({1, 1}), one = torch::ones({1, 1});
  EXPECT_EQ(value(asymmetric_loss(logit_of(0.03), zero)), 0);
  EXPECT_NEAR(value(asymmetric_loss(logit_of(0.05), zero)), 0, 1e-7);
  EXPECT_NEAR(value(asymmetric_loss(logit_of(0.5), zero)), 0.0245150, 1e-7);
  EXPECT_NEAR(value(asymmetric_loss(logit_of(0.9), zero)), 0.990308, 2e-6);
  EXPECT_NEAR(value(asymmetric_loss(logit_of(0.5), one)), 0.693147, 1e-6);
  EXPECT_TRUE(std::isfinite(value(asymmetric_loss(torch::full({1, 1}, -200.F), one))));
}

TEST(BaseLoss, WeightOfTheAsymmetricLossHasNoGradient) {
  auto z = torch::zeros({1, 1}).requires_grad_();
  asymmetric_loss(z, torch::zeros({1, 1})).sum().backward();
  // d/dz of -w ln(1 - p + c) = w p (1 - p) / q, with w = 0.45^4 and q = 0.55
  EXPECT_NEAR(value(z.grad()), std::pow(0.45, 4) * 0.25 / 0.55, 1e-7);
}

TEST(BaseLoss, SumsOverClassesAndTakesTheMeanOrTheSumOverRows) {
  const auto z = torch::zeros({2, 3}), y = torch::ones({2, 3});
  EXPECT_NEAR(value(BaseLoss{}(z, y)), 3 * std::log(2), 1e-6);
  const BaseLoss sum{.sum = true};
  EXPECT_NEAR(value(sum(z, y)), 6 * std::log(2), 1e-6);
}

TEST(BaseLoss, UnknownAndMaskedPairsCostNothing) {
  const auto z = torch::tensor({{0.F, 9.F, 9.F}}), y = torch::tensor({{1.F, 0.5F, 0.F}});
  for (const bool asymmetric : {false, true}) {
    const BaseLoss loss{.asymmetric = asymmetric};
    EXPECT_NEAR(value(loss(z, y, torch::tensor({{1.F, 1.F, 0.F}}))), std::log(2), 1e-6);
    EXPECT_EQ(value(loss(z, y, torch::zeros({1, 3}))), 0);
  }
}

TEST(BaseLoss, LabelledAndUnlabelledRowsEachHaveTheirMean) {
  Batch batch;
  batch.y = torch::ones({1, 1});
  batch.pseudo = all_used(torch::tensor({{true}, {true}, {true}}));
  const auto z = torch::zeros({4, 1});
  EXPECT_NEAR(value(loss_of({}, z, batch)), 2 * std::log(2), 1e-6);
  EXPECT_NEAR(value(loss_of({.sum = true}, z, batch)), 4 * std::log(2), 1e-6);
}

// --- top1, topk

TEST(TopLabels, TakeTheLikeliestAndTheLowerClassOfATie) {
  const auto q = torch::tensor({{.2F, .9F, .9F}, {.3F, .1F, .3F}});
  EXPECT_TRUE(torch::equal(top1_positive(q), torch::tensor({{false, true, false}, {true, false, false}})));
  EXPECT_TRUE(torch::equal(topk_positive(q, 1), top1_positive(q)));
  EXPECT_TRUE(torch::equal(topk_positive(q, 2), torch::tensor({{false, true, true}, {true, false, true}})));
  EXPECT_TRUE(topk_positive(q, 3).all().item<bool>());
}

TEST(TopLabels, NumberIsTheRoundedMeanOfTheLabelledRows) {
  EXPECT_EQ(topk_of(torch::tensor({{1.F, 1.F, 0.F}, {1.F, 0.5F, 0.F}})),
            2);  // 1.5
  EXPECT_EQ(topk_of(torch::tensor({{1.F, 0.F, 0.F}, {1.F, 0.F, 0.F}, {1.F, 1.F, 0.F}})), 1);
  EXPECT_EQ(topk_of(torch::zeros({4, 3})), 1);
}

// --- adaptive-thr

TEST(AdaptiveThresholds, FirstEpochSetsTheValues) {
  const auto now = adaptive_confidence(torch::tensor({{.9F, .1F}, {.7F, .6F}, {.2F, .1F}}), {}, 0.5);
  EXPECT_NEAR(now.tau, (.9 + .9 + .7 + .6 + .8 + .9) / 6, 1e-6);  // 0.8
  EXPECT_TRUE(torch::allclose(now.p, torch::tensor({.8F, .6F})));
  EXPECT_TRUE(torch::allclose(adaptive_thresholds(now), torch::tensor({.8F, .6F})));
}

TEST(AdaptiveThresholds, LaterEpochsMoveThemAndMissingPositivesDoNot) {
  const auto first = adaptive_confidence(torch::tensor({{.8F, .1F}}), {}, 0.5);
  EXPECT_TRUE(torch::allclose(first.p, torch::tensor({.8F, .5F})));  // no predicted positive in the first epoch
  const auto second = adaptive_confidence(torch::tensor({{.6F, .7F}}), first, 0.75);
  EXPECT_NEAR(second.tau, .75 * .85 + .25 * .65, 1e-6);
  EXPECT_NEAR(value(second.p[0]), .75 * .8 + .25 * .6, 1e-6);
  EXPECT_NEAR(value(second.p[1]), .75 * .5 + .25 * .7, 1e-6);
  const auto third = adaptive_confidence(torch::tensor({{.1F, .7F}}), second, 0.75);
  EXPECT_EQ(value(third.p[0]), value(second.p[0]));
}

TEST(AdaptiveThresholds, UseSurePositivesAndSureNegatives) {
  const Confidence now{0.8, torch::tensor({.9F, .45F})};  // thresholds 0.8 and 0.4
  const auto [labels, mask] = adaptive_labels(torch::tensor({{.85F, .45F}, {.7F, .3F}, {.1F, .15F}}), now);
  EXPECT_TRUE(torch::equal(labels, torch::tensor({{1.F, 1.F}, {0.F, 0.F}, {0.F, 0.F}})));
  EXPECT_TRUE(torch::equal(mask, torch::tensor({{1.F, 1.F}, {0.F, 0.F}, {1.F, 1.F}})));
}

// --- cap

TEST(Cap, TakesTiesAtTheThreshold) {
  const auto q = column({.9F, .8F, .8F, .6F, .5F, .3F, .2F, .1F});
  const auto labels = cap_labels(q, torch::tensor({.25}, torch::kFloat64), 1, 1).labels;
  EXPECT_TRUE(torch::equal(labels, column({1, 1, 1, 0, 0, 0, 0, 0})));  // K = 2, threshold 0.8
}

TEST(Cap, GivesNothingWhereLessThanOneImageIsExpected) {
  const auto q = column({.9F, .8F, .8F, .6F, .5F, .3F, .2F, .1F});
  for (const double gamma : {.1, 0.}) {
    const auto [labels, mask] = cap_labels(q, torch::tensor({gamma}, torch::kFloat64), 1, 1);
    EXPECT_EQ(value(labels.sum()), 0) << gamma;
    EXPECT_EQ(value(mask.sum()), gamma == 0 ? 8 : 7) << gamma;  // floor(0.9 * 8) negatives
  }
}

TEST(Cap, NumberOfPositivesIsTheExpectedOne) {
  const auto q = random_probabilities(200, 4, 5);
  const auto gamma = torch::tensor({.3, .017, .5, 1.}, torch::kFloat64);
  const auto [labels, mask] = cap_labels(q, gamma, 1, 1);
  EXPECT_TRUE(torch::equal(labels.sum(0), torch::tensor({60.F, 3.F, 100.F, 200.F})));
  EXPECT_GE(value(mask.sum(0).min()), 199);  // all up to flooring
}

TEST(Cap, KeepsTheSharesThatItIsTold) {
  const auto q = random_probabilities(100, 1, 6);
  const auto gamma = torch::tensor({.4}, torch::kFloat64);
  const auto [labels, mask] = cap_labels(q, gamma, 0.5, 0.25);
  EXPECT_EQ(value(labels.sum()), 40);
  EXPECT_EQ(value((mask * labels).sum()), 20);
  EXPECT_EQ(value((mask * (1 - labels)).sum()), 15);
  // the likeliest positives and the least likely negatives
  EXPECT_GE(value(q.masked_select((mask * labels).gt(0)).min()), value(q.masked_select((labels - mask).gt(0)).max()));
}

TEST(Cap, AnIncreasingMapChangesNothing) {
  const auto q = random_probabilities(50, 3, 7);
  const auto gamma = torch::tensor({.2, .5, .07}, torch::kFloat64);
  const auto one = cap_labels(q, gamma, 0.8, 0.9), other = cap_labels(q.pow(3) * 0.5, gamma, 0.8, 0.9);
  EXPECT_TRUE(torch::equal(one.labels, other.labels));
  EXPECT_TRUE(torch::equal(one.mask, other.mask));
}

TEST(Cap, TheTrueShareOfAPerfectRankingGivesTheTruth) {
  auto truth = random_probabilities(60, 3, 8).lt(0.4).to(torch::kFloat32);
  const auto q = 0.3 * random_probabilities(60, 3, 9) + 0.5 * truth;
  const auto gamma = truth.to(torch::kFloat64).mean(0);
  EXPECT_TRUE(torch::equal(cap_labels(q, gamma, 1, 1).labels, truth));
}

// --- mat, d2l-mat

double f_of(double beta, bool code, double hit, double predicted, double positive) {
  const auto pairs = [](double number) { return torch::tensor({number}, torch::kFloat64); };
  return value(FBeta(beta, code)(pairs(hit), pairs(predicted), pairs(positive)));
}

TEST(FBeta, HasTheWorkedValues) {
  EXPECT_NEAR(f_of(.5, false, 1, 2, 1), .555556, 1e-6);  // P = 0.5, R = 1
  EXPECT_NEAR(f_of(.5, true, 1, 2, 1), .5, 1e-12);
  EXPECT_NEAR(f_of(.5, false, 1, 1, 2), .833333, 1e-6);  // P = 1, R = 0.5
  EXPECT_NEAR(f_of(.5, true, 1, 1, 2), .625, 1e-12);
  EXPECT_EQ(f_of(1, false, 3, 5, 4), f_of(1, true, 3, 5, 4));
  EXPECT_EQ(f_of(.5, false, 0, 3, 2), 0);
  EXPECT_EQ(f_of(.5, false, 0, 0, 0), 0);
}

TEST(BestThresholds, AreTheFirstWithTheLargestF) {
  const auto q = column({.9F, .7F, .6F, .2F}), y = column({1, 0, 1, 0});
  EXPECT_FLOAT_EQ(best_thresholds(q, y, FBeta(1)).item<float>(), .21F);
  EXPECT_FLOAT_EQ(best_thresholds(q, y, FBeta(.5)).item<float>(), .71F);
}

TEST(BestThresholds, OfAClassWithoutPositivesReachNothing) {
  const auto q = torch::tensor({{1.F, .5F}, {1.F, .5F}}), y = torch::tensor({{0.F, 1.F}, {0.F, 1.F}});
  const auto thresholds = best_thresholds(q, y, FBeta(.5));
  EXPECT_FALSE(q.select(1, 0).ge(thresholds[0]).any().item<bool>());
  EXPECT_EQ(value(thresholds[1]),
            0);  // everything is right from the first threshold on
}

TEST(BestThresholds, DoNotSeeUnknownPairs) {
  const auto thresholds = best_thresholds(column({.9F, .8F, .7F, .2F}), column({1, 0.5F, 1, 0}), FBeta(.5));
  EXPECT_FLOAT_EQ(thresholds.item<float>(), .21F);
}

TEST(JointLogit, OfEqualPatchesIsTheirLogit) {
  const auto l = torch::tensor({{1.F, -2.F, 0.F}});
  EXPECT_TRUE(torch::allclose(joint(l.unsqueeze(1).expand({1, 4, 3})), l));
}

TEST(JointLogit, LeansToTheLargestPatch) {
  const auto l = torch::tensor({2.F, 0.F, 0.F, 0.F}).view({1, 4, 1});
  EXPECT_NEAR(value(joint(l)), 2 * std::exp(2) / (std::exp(2) + 3), 1e-6);
  EXPECT_TRUE(torch::allclose(joint(l.flip(1)), joint(l)));  // the order of the patches does not matter
}

}  // namespace
}  // namespace assay::ssl_multi_label
