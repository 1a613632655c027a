// RDD's weights and losses on numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

struct RddSettings {
  double p = 0, t = 0, min_kept_frac = 0, lam_kd = 0;
  bool code = false, student_only = false;
};
torch::Tensor rdd_agreement(const torch::Tensor& main, const torch::Tensor& auxiliary);
torch::Tensor rdd_unsure(const torch::Tensor& z, double t);
torch::Tensor rdd_unsure_or_wrong(const torch::Tensor& z, const torch::Tensor& y, double t, double min_kept_frac);
torch::Tensor rdd_kept(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                       const RddSettings& settings);
torch::Tensor rdd_task_loss(const torch::Tensor& z, const Taps& teacher, const torch::Tensor& y, bool first_stage,
                            const RddSettings& settings);

namespace {

const double kLn2 = std::log(2.0);

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

double logit(double p) { return std::log(p / (1 - p)); }

torch::Tensor row(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64).unsqueeze(0); }

Taps says(const torch::Tensor& main, const torch::Tensor& auxiliary) {
  Taps taps;
  taps.z = main;
  taps.z_aux = auxiliary;
  return taps;
}

torch::Tensor flags(const std::vector<int>& values) { return torch::tensor(values).to(torch::kBool).unsqueeze(0); }

TEST(MultiLabelRdd, WeighsByTheAgreementOfTheTeachersHeads) {
  const auto a = row({logit(.9)}), b = row({logit(.6)});
  EXPECT_NEAR(value(rdd_agreement(a, b)), .797487, 1e-6);  // main before auxiliary
  EXPECT_NEAR(value(rdd_agreement(b, a)), .732539, 1e-6);
  EXPECT_EQ(value(rdd_agreement(a, a)), 1);
}

TEST(MultiLabelRdd, KeepsPairsThatExactlyOneOfTheTwoFindsHard) {
  const auto s = row({logit(.6), logit(.95), logit(.65), logit(.99)});
  const auto t = row({logit(.9), logit(.6), logit(.5), logit(.99)}), y = row({1, 1, 1, 1});
  RddSettings settings{.t = .7};
  EXPECT_TRUE(torch::equal(rdd_kept(s, t, y, settings), flags({1, 1, 0, 0})));
  EXPECT_TRUE(torch::equal(rdd_kept(-s, t, y, settings), flags({1, 1, 0, 0})));  // confidence has no sign
  EXPECT_FALSE(rdd_kept(s, s, y, settings).any().item<bool>());
  settings.student_only = true;
  EXPECT_TRUE(torch::equal(rdd_kept(s, t, y, settings), flags({1, 0, 0, 0})));
}

TEST(MultiLabelRdd, UnsureMeansALogitBelowItsLimit) {
  EXPECT_TRUE(torch::equal(rdd_unsure(row({.847297, -.847297, .847299, -.847299, 0}), .7), flags({1, 1, 0, 0, 1})));
  EXPECT_TRUE(torch::equal(rdd_unsure(row({.01, -.01, 0}), .5), flags({0, 0, 1})));  // nothing but z = 0
}

TEST(MultiLabelRdd, OfTheCodeCountsWrongAnswersAsHard) {
  const auto y = row({1, 1, 0, 0});
  EXPECT_TRUE(torch::equal(rdd_unsure_or_wrong(row({3, -3, -3, 3}), y, .7, 0), flags({0, 1, 0, 1})));
  // All are right and sure: the least sure quarter is hard all the same.
  EXPECT_TRUE(torch::equal(rdd_unsure_or_wrong(row({4, 3, -2, -5}), y, .7, .25), flags({0, 0, 1, 0})));
  EXPECT_TRUE(torch::equal(rdd_unsure_or_wrong(row({4, 3, -2, -5}), y, .7, .2), flags({0, 0, 0, 0})));
  EXPECT_TRUE(torch::equal(rdd_unsure_or_wrong(row({4, -3, 2, -5}), y, .7, .25), flags({0, 1, 1, 0})));  // t is higher
}

// The least sure third of the three known pairs; a probability of 1/2 for the unknown one does not count.
TEST(MultiLabelRdd, UnknownLabelsSetNoLimit) {
  const auto hard = rdd_unsure_or_wrong(row({4, 3, -5, 9}), row({1, 1, 0, .5}), .4, .34);
  EXPECT_TRUE(torch::equal(hard.narrow(1, 0, 3), flags({0, 1, 0})));
}

TEST(MultiLabelRdd, StageOneWithAgreeingHeadsIsCrossEntropy) {
  const auto s = row({1, -1, 2, .5}), t = row({2, -3, 1, -1}), y = row({1, 0, 0, .5});
  for (const bool code : {false, true}) {
    const RddSettings settings{.t = .7, .code = code};
    EXPECT_NEAR(value(rdd_task_loss(s, says(t, t), y, true, settings)), value(bce(s, y)), 1e-9);
    EXPECT_LT(value(rdd_task_loss(s, says(t, -t), y, true, settings)), value(bce(s, y)));
  }
}

TEST(MultiLabelRdd, StageTwoOfEqualNetworksIsZero) {
  const auto z = row({.1, -1, 2, .5}), y = row({1, 0, 0, 1});
  for (const bool code : {false, true}) {
    const RddSettings settings{.t = .7, .min_kept_frac = .05, .code = code};
    EXPECT_EQ(value(rdd_task_loss(z, says(z, {}), y, false, settings)), 0) << code;  // no NaN either
  }
}

// One of four pairs is kept, of an image with four labels and of two images with two.
TEST(MultiLabelRdd, SumsOverLabelsOrScalesTheMeanOfTheKeptPairs) {
  const auto s = row({0, 5, 5, -5}), t = row({5, 5, 5, -5}), y = row({1, 1, 1, 0});
  const RddSettings paper{.t = .7}, code{.t = .7, .code = true};
  EXPECT_NEAR(value(rdd_task_loss(s, says(t, {}), y, false, paper)), kLn2, 1e-9);
  EXPECT_NEAR(value(rdd_task_loss(s, says(t, {}), y, false, code)), 4 * kLn2, 1e-9);
  const auto two = [](const torch::Tensor& x) { return x.view({2, 2}); };
  EXPECT_NEAR(value(rdd_task_loss(two(s), says(two(t), {}), two(y), false, paper)), kLn2 / 2, 1e-9);
  EXPECT_NEAR(value(rdd_task_loss(two(s), says(two(t), {}), two(y), false, code)), 2 * kLn2, 1e-9);
}

TEST(MultiLabelRdd, ItsWeightsCarryNoGradient) {
  auto s = row({.5}).requires_grad_();
  const auto slope = torch::autograd::grad({rdd_task_loss(s, says(row({5}), {}), row({1}), false, {.t = .7})}, {s})[0];
  EXPECT_NEAR(value(slope), 1 / (1 + std::exp(-.5)) - 1, 1e-9);  // of cross-entropy alone
}

TEST(MultiLabelRdd, UnknownPairsCostNothing) {
  const auto y = row({1, 0, .5}), t = row({2, .1, 3}), auxiliary = row({1, -1, 0});
  for (const bool code : {false, true}) {
    for (const bool first : {false, true}) {
      const RddSettings settings{.t = .7, .min_kept_frac = .5, .code = code};
      const auto loss = [&](double z) {
        return value(rdd_task_loss(row({.2, -2, z}), says(t, auxiliary), y, first, settings));
      };
      EXPECT_EQ(loss(9), loss(0));
      EXPECT_EQ(loss(9), loss(-9));
    }
  }
}

}  // namespace
}  // namespace assay::multi_label_kd
