// The methods' own rules, on numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "crack-detection/pavement.hpp"
#include "crack-detection/pixel_losses.hpp"
#include "learn/tests/memory_reporter.hpp"

namespace assay::cracks {

torch::Tensor otsu_map(const torch::Tensor& grey);
torch::Tensor local_threshold_map(const torch::Tensor& grey, double sigma, std::int64_t box, double k);
torch::Tensor second_annotator_distance(const torch::Tensor& mask);
torch::Tensor second_annotator_mask(const torch::Tensor& truth, double displacement, double width, Stream stream);
torch::Tensor unet_wbce_loss(const torch::Tensor& logits, const torch::Tensor& labels);
torch::Tensor unet_cldice_skeleton(torch::Tensor v, std::int64_t iterations);
torch::Tensor unet_cldice_term(const torch::Tensor& logits, const torch::Tensor& labels, std::int64_t iterations);
std::vector<double> deepcrack_liu_weights(std::size_t stages);
torch::Tensor deepcrack_liu_filtered(const torch::Tensor& guide, const torch::Tensor& input, std::int64_t radius,
                                     double eps);
double deepcrack_liu_threshold(const std::vector<torch::Tensor>& probabilities,
                               const std::vector<torch::Tensor>& labels);
torch::Tensor deepcrack_zou_shifted(const torch::Tensor& truth, std::int64_t by);
torch::Tensor context_flow_bags(const torch::Tensor& map, std::int64_t side);
torch::Tensor context_flow_agreement(const torch::Tensor& finer, const torch::Tensor& coarser,
                                     const torch::Tensor& labels, std::int64_t side);
torch::Tensor context_flow_pixel_loss(const Maps& maps, const torch::Tensor& labels, std::int64_t coarsest, double mu);
torch::Tensor context_flow_patch_loss(const Maps& maps, const torch::Tensor& labels, std::int64_t coarsest,
                                      std::int64_t patch);
struct RddSettings {
  double p = 0, t = 0, min_kept_frac = 0;
  bool code = false;
};
torch::Tensor rdd_bkl(const torch::Tensor& a, const torch::Tensor& b);
torch::Tensor rdd_hard(const torch::Tensor& confidence, double t);
torch::Tensor rdd_paper_mask(const torch::Tensor& student, const torch::Tensor& teacher, double t);
torch::Tensor rdd_code_hard(const torch::Tensor& logits, const torch::Tensor& labels, double t, double min_kept_frac);
torch::Tensor rdd_code_mask(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& labels,
                            double t, double min_kept_frac);
torch::Tensor rdd_task_loss(const torch::Tensor& student, const Maps& teacher, const torch::Tensor& labels,
                            bool first_stage, const RddSettings& settings);
std::vector<std::int64_t> rdd_student_widths(const std::vector<std::int64_t>& widths);

namespace {

const double kLn2 = std::log(2.0);

torch::Tensor row(const std::vector<float>& values) {
  return torch::tensor(values).view({1, 1, 1, static_cast<std::int64_t>(values.size())});
}

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

float logit(double p) { return static_cast<float>(std::log(p / (1 - p))); }

// --- References and classical methods

TEST(Otsu, MarksTheDarkHalfOfTwoLevels) {
  auto grey = torch::full({4, 6}, 200 / 255.0);
  grey.narrow(1, 0, 2).fill_(50 / 255.0);
  EXPECT_TRUE(torch::equal(otsu_map(grey), grey.lt(0.5).to(torch::kFloat32)));
  EXPECT_TRUE(torch::equal(otsu_map(grey + 20 / 255.0), otsu_map(grey)));  // the threshold moves along
}

TEST(LocalThreshold, OfAConstantPictureIsSigmoidOfMinusThree) {
  const auto p = local_threshold_map(torch::full({40, 33}, 0.4), 1, 25, 1.5);
  EXPECT_NEAR(value(p.min()), 1 / (1 + std::exp(3.0)), 1e-6);
  EXPECT_NEAR(value(p.max()), 1 / (1 + std::exp(3.0)), 1e-6);
}

TEST(LocalThreshold, MarksADarkLineAndFitsPicturesSmallerThanItsBox) {
  auto grey = torch::full({20, 9}, 0.6);
  grey[10].fill_(0.2);
  const auto p = local_threshold_map(grey, 1, 25, 1.5);
  EXPECT_GT(value(p[10].min()), 0.5);
  EXPECT_LT(value(p[2].max()), 0.05);
}

TEST(SecondAnnotator, MeasuresToTheNearestPixelAcrossTheOutline) {
  auto mask = torch::zeros({1, 7}, torch::kBool);
  mask.narrow(1, 2, 3).fill_(true);
  EXPECT_TRUE(torch::equal(second_annotator_distance(mask), torch::tensor({{2.F, 1.F, -1.F, -2.F, -1.F, 1.F, 2.F}})));
}

TEST(SecondAnnotator, OfASteadyHandIsTheTruth) {
  const auto made = make_pavement(1, 2, 64);
  const auto truth = torch::tensor(std::vector<std::uint8_t>(made.mask.values)).to(torch::kFloat32).view({64, 64});
  EXPECT_TRUE(torch::equal(second_annotator_mask(truth, 0, 0, Stream(1)), truth));
  EXPECT_EQ(value(second_annotator_mask(torch::zeros({30, 20}), 2, 1, Stream(1)).sum()), 0);
  EXPECT_TRUE(
      torch::equal(second_annotator_mask(truth, 2, 1, Stream(1)), second_annotator_mask(truth, 2, 1, Stream(1))));
}

// DeepCrack 537 holds one photograph twice; its two annotations agree by IoU 0.68.
TEST(SecondAnnotator, AgreesWithTheTruthAsTwoAnnotationsOfOnePhotographDo) {
  const auto& card = *learn::project_catalog().method("crack-detection", "second-annotator");
  const double displacement = card.parameter("displacement")->value_for("quick");
  const double width = card.parameter("width")->value_for("quick");
  double shared = 0, either = 0, drawn = 0, cracks = 0;
  for (std::uint64_t i = 0; i < 24; ++i) {
    const auto made = make_pavement(2001, i, 128);
    const auto truth = torch::tensor(std::vector<std::uint8_t>(made.mask.values)).to(torch::kFloat32).view({128, 128});
    const auto mask =
        second_annotator_mask(truth, displacement, width, Streams(0).stream("method/" + std::to_string(i)));
    shared += value((mask * truth).sum());
    either += value(torch::maximum(mask, truth).sum());
    drawn += value(mask.sum());
    cracks += value(truth.sum());
  }
  EXPECT_NEAR(shared / either, 0.68, 0.03);
  EXPECT_NEAR(drawn / cracks, 1, 0.1);  // neither thicker nor thinner
}

// --- Losses of U-Net

TEST(UnetWbce, WeighsAsOnTheExample) {
  const auto y = row({1, 0, 0, 0});
  EXPECT_NEAR(value(unet_wbce_loss(row({0, 0, 0, 0}), y)), 0.75 * kLn2, 1e-6);  // 2 (0.75 + 3 x 0.25) ln 2 / 4
  EXPECT_NEAR(value(unet_wbce_loss(row({0, 0, 0, 0, 9}), row({1, 0, 0, 0, .5}))), 0.75 * kLn2, 1e-6);
}

TEST(UnetCldice, SkeletonOfNothingIsNothing) {
  EXPECT_EQ(value(unet_cldice_skeleton(torch::zeros({1, 1, 9, 9}), 5).abs().sum()), 0);
}

TEST(UnetCldice, SkeletonOfABarLiesInTheBar) {
  auto bar = torch::zeros({1, 1, 11, 20});
  bar.narrow(2, 4, 3).narrow(3, 2, 16).fill_(1);
  const auto skeleton = unet_cldice_skeleton(bar, 5);
  EXPECT_EQ(value((skeleton * (1 - bar)).sum()), 0);
  EXPECT_GT(value(skeleton[0][0][5].sum()), 10);                 // its middle row
  EXPECT_EQ(value(skeleton[0][0][4].narrow(0, 6, 8).sum()), 0);  // not its sides
  EXPECT_LE(value(skeleton.max()), 1);
}

TEST(UnetCldice, OfThePerfectMapIsNearlyZero) {
  auto bar = torch::zeros({1, 1, 11, 20});
  bar.narrow(2, 4, 3).narrow(3, 2, 16).fill_(1);
  EXPECT_NEAR(value(unet_cldice_term(40 * (2 * bar - 1), bar, 5)), 0, 1e-6);
  EXPECT_GT(value(unet_cldice_term(-40 * (2 * bar - 1), bar, 5)), 0.5);
}

TEST(UnetCldice, DoesNotSeeIgnoredPixels) {
  const auto y = torch::tensor({{1.F, 1.F, 0.F}, {0.F, 0.F, 0.5F}, {0.F, 0.F, 0.F}}).view({1, 1, 3, 3});
  auto one = torch::zeros({1, 1, 3, 3}), other = one.clone();
  other[0][0][1][2] = 8;
  EXPECT_EQ(value(unet_cldice_term(one, y, 5)), value(unet_cldice_term(other, y, 5)));
}

// --- DeepCrack, both

TEST(DeepcrackLiu, WeighsTheMiddleMost) {
  EXPECT_EQ(deepcrack_liu_weights(3), (std::vector<double>{0.75, 1, 0.75, 1}));
  EXPECT_EQ(deepcrack_liu_weights(5), (std::vector<double>{0.5, 0.75, 1, 0.75, 0.5, 1}));
  EXPECT_EQ(deepcrack_liu_weights(4), (std::vector<double>{0.75, 1, 1, 0.75, 1}));
}

TEST(DeepcrackLiu, GuidedFilterKeepsWhatItsGuideKeeps) {
  auto step = torch::zeros({1, 1, 12, 12});
  step.narrow(3, 6, 6).fill_(1);
  EXPECT_TRUE(torch::allclose(deepcrack_liu_filtered(step, step, 5, 1e-9), step, 1e-4, 1e-4));
  const auto flat = torch::full_like(step, 0.3);  // nothing to follow: a box mean twice
  const auto blurred = deepcrack_liu_filtered(flat, step, 2, 1e-3);
  EXPECT_NEAR(value(blurred[0][0][6][0]), 0, 1e-5);
  EXPECT_NEAR(value(blurred[0][0][6][5]), (0.0 / 5 + 1.0 / 5 + 2.0 / 5 + 3.0 / 5 + 4.0 / 5) / 5, 1e-5);
}

// F = 2/3 above 0.6, 4/5 from 0.1 to 0.6, 2/3 below: the highest T_k <= 0.6 is T_30.
TEST(DeepcrackLiu, CutsWhereTheTrainingPicturesAreBest) {
  const auto p = torch::tensor({{.9F, .6F, .6F, .1F, .99F}}), y = torch::tensor({{1.F, 1.F, 0.F, 0.F, .5F}});
  EXPECT_NEAR(deepcrack_liu_threshold({p}, {y}), 30.5 / 51, 1e-12);
  EXPECT_NEAR(deepcrack_liu_threshold({p, p}, {y, y}), 30.5 / 51, 1e-12);
  EXPECT_NEAR(deepcrack_liu_threshold({p}, {torch::zeros_like(p)}), 50.5 / 51, 1e-12);  // nothing to find
}

TEST(DeepcrackZou, ShiftsLabelsDownAndRight) {
  const auto truth = torch::tensor({{1.F, 2.F}, {3.F, 4.F}});
  EXPECT_TRUE(torch::equal(deepcrack_zou_shifted(truth, 1), torch::tensor({{0.F, 0.F}, {0.F, 1.F}})));
  EXPECT_TRUE(torch::equal(deepcrack_zou_shifted(truth, 0), truth));
}

// --- context-flow

TEST(ContextFlow, LabelsOfCellsHoldEveryCrack) {
  EXPECT_EQ(value(context_flow_bags(torch::zeros({1, 1, 12, 12}), 4).sum()), 0);
  auto y = torch::zeros({1, 1, 12, 12});
  y[0][0][7][5] = 1;
  for (const std::int64_t side : {4, 2, 1}) EXPECT_EQ(value(context_flow_bags(y, side).sum()), 1) << side;
  EXPECT_EQ(value(context_flow_bags(y, 4)[0][0][1][1]), 1);
  Stream draws(3);
  auto any = torch::zeros({1, 1, 21, 27});  // no multiple of 4
  for (std::int64_t i = 0; i < any.numel(); ++i) any.data_ptr<float>()[i] = draws.uniform() < 0.1 ? 1 : 0;
  EXPECT_TRUE(torch::equal(context_flow_bags(context_flow_bags(any, 2), 2), context_flow_bags(any, 4)));
}

TEST(ContextFlow, IgnoresCellsThatMayHideACrack) {
  auto y = torch::zeros({1, 1, 4, 4});
  y[0][0][0][0] = 0.5;
  EXPECT_EQ(value(context_flow_bags(y, 2)[0][0][0][0]), 0.5);
  y[0][0][1][1] = 1;  // a crack next to an ignored pixel is a crack
  EXPECT_EQ(value(context_flow_bags(y, 2)[0][0][0][0]), 1);
}

TEST(ContextFlow, AgreementTeachesTheFinerStageAlone) {
  auto coarse = torch::full({1, 1, 2, 2}, 0.3).requires_grad_(),
       fine = torch::full({1, 1, 4, 4}, -1.0).requires_grad_();
  const auto labels = torch::zeros({1, 1, 8, 8});
  const auto loss = context_flow_agreement(fine, coarse, labels, 4);
  const auto gradients = torch::autograd::grad({loss}, {fine, coarse}, {}, std::nullopt, false, /*allow_unused=*/true);
  EXPECT_GT(value(gradients[0].abs().sum()), 0);
  EXPECT_FALSE(gradients[1].defined());
  const double p = 1 / (1 + std::exp(-0.3)), q = 1 / (1 + std::exp(1.0));
  EXPECT_NEAR(value(loss), -p * std::log(q) - (1 - p) * std::log(1 - q), 1e-6);
}

TEST(ContextFlow, AddsUpItsStages) {
  const Maps maps{torch::zeros({1, 1, 2, 2}), torch::zeros({1, 1, 4, 4}), torch::zeros({1, 1, 8, 8})};
  auto y = torch::zeros({1, 1, 8, 8});
  y[0][0][3][3] = 1;
  EXPECT_NEAR(value(context_flow_pixel_loss(maps, y, 4, 0)), 3 * kLn2, 1e-6);
  EXPECT_NEAR(value(context_flow_pixel_loss(maps, y, 4, 0.2)), (3 + 0.2 * 2) * kLn2, 1e-6);
  EXPECT_NEAR(value(context_flow_pixel_loss({maps[0]}, y, 4, 0.2)), kLn2, 1e-6);
  EXPECT_NEAR(value(context_flow_patch_loss(maps, y, 4, 4)), 3 * kLn2, 1e-6);
  EXPECT_EQ(value(context_flow_pixel_loss(maps, torch::full_like(y, 0.5), 4, 0.2)), 0);
}

TEST(ContextFlow, PatchLossSeesNoPixels) {
  Stream draws(5);
  auto z = torch::empty({1, 1, 8, 8});
  for (std::int64_t i = 0; i < z.numel(); ++i) z.data_ptr<float>()[i] = static_cast<float>(draws.normal());
  auto y = torch::zeros({1, 1, 8, 8});
  y[0][0][2][6] = 1;
  const auto turned_inside = z.view({2, 4, 2, 4}).flip({1, 3}).reshape({1, 1, 8, 8});  // each 4 x 4 patch upside down
  const auto moved_label = y.view({2, 4, 2, 4}).flip({1, 3}).reshape({1, 1, 8, 8});
  const double loss = value(context_flow_patch_loss({z}, y, 1, 4));
  EXPECT_EQ(value(context_flow_patch_loss({turned_inside}, y, 1, 4)), loss);
  EXPECT_EQ(value(context_flow_patch_loss({z}, moved_label, 1, 4)), loss);
}

// --- rdd

TEST(Rdd, DivergesAsWorkedOut) {
  const auto a = row({logit(0.9)}), b = row({logit(0.6)});
  EXPECT_NEAR(value(rdd_bkl(a, b)), 0.226289, 1e-5);
  EXPECT_NEAR(std::exp(-value(rdd_bkl(a, b))), 0.797487, 1e-5);
  EXPECT_NEAR(value(rdd_bkl(b, a)), 0.311239, 1e-5);
  EXPECT_EQ(value(rdd_bkl(a, a)), 0);
}

TEST(Rdd, KeepsPixelsThatExactlyOneOfTheTwoFindsHard) {
  const auto s = row({logit(.6), logit(.95), logit(.65), logit(.99)});
  const auto t = row({logit(.9), logit(.6), logit(.5), logit(.99)});
  EXPECT_TRUE(torch::equal(rdd_paper_mask(s, t, 0.7).flatten(), torch::tensor({true, true, false, false})));
  EXPECT_TRUE(torch::equal(rdd_paper_mask(-s, t, 0.7), rdd_paper_mask(s, t, 0.7)));  // confidence has no sign
  EXPECT_FALSE(rdd_paper_mask(s, s, 0.7).any().item<bool>());
}

TEST(Rdd, HardMeansALogitBelowItsLimit) {
  const auto z = row({0.84F, -0.84F, 0.85F, -0.85F, 0});
  EXPECT_TRUE(
      torch::equal(rdd_hard(z.abs().sigmoid(), 0.7).flatten(), torch::tensor({true, true, false, false, true})));
  EXPECT_TRUE(torch::equal(rdd_hard(z.abs().sigmoid(), 0.5).flatten(),
                           torch::tensor({false, false, false, false, true})));  // nothing but z = 0
}

TEST(Rdd, OfTheCodeCountsWrongPixelsAsHard) {
  const auto y = row({1, 1, 0, 0});
  const auto z = row({3, -3, -3, 3});
  EXPECT_TRUE(torch::equal(rdd_code_hard(z, y, 0.7, 0).flatten(), torch::tensor({false, true, false, true})));
  // all of them right and sure: the least sure quarter is hard all the same
  EXPECT_TRUE(torch::equal(rdd_code_hard(row({4, 3, -2, -5}), y, 0.7, 0.25).flatten(),
                           torch::tensor({false, false, true, false})));
}

TEST(Rdd, StageOneWithAgreeingHeadsIsCrossEntropy) {
  const auto s = row({1, -1, 2, .5}), t = row({2, -3, 1, -1}), y = row({1, 0, 0, .5});
  const RddSettings settings{.p = 1, .t = 0.7};
  EXPECT_NEAR(value(rdd_task_loss(s, {t, t}, y, true, settings)), value(mean_bce(s, y)), 1e-6);
  EXPECT_LT(value(rdd_task_loss(s, {-t, t}, y, true, settings)), value(mean_bce(s, y)));
}

TEST(Rdd, StageTwoOfEqualNetworksIsZero) {
  const auto z = row({0.1F, -1, 2, .5}), y = row({1, 0, 0, 1});
  for (const bool code : {false, true}) {
    const RddSettings settings{.t = 0.7, .min_kept_frac = 0.05, .code = code};
    EXPECT_EQ(value(rdd_task_loss(z, {z, z}, y, false, settings)), 0) << code;  // no NaN either
  }
}

TEST(Rdd, MeansRunOverAllPixelsOrTheKeptOnes) {
  const auto s = row({0, 5, 5, -5}), t = row({5, 5, 5, -5}), y = row({1, 1, 1, 0});
  RddSettings settings{.t = 0.7};
  EXPECT_NEAR(value(rdd_task_loss(s, {t, t}, y, false, settings)), kLn2 / 4, 1e-6);
  settings.code = true;
  EXPECT_NEAR(value(rdd_task_loss(s, {t, t}, y, false, settings)), kLn2, 1e-6);
}

TEST(Rdd, ItsWeightsCarryNoGradient) {
  auto s = row({0.5F}).requires_grad_();
  const auto t = row({5}), y = row({1});
  const auto slope = torch::autograd::grad({rdd_task_loss(s, {t, t}, y, false, {.t = 0.7})}, {s})[0];
  EXPECT_NEAR(value(slope), 1 / (1 + std::exp(-0.5)) - 1, 1e-6);  // of cross-entropy alone
}

TEST(Rdd, DoesNotSeeIgnoredPixels) {
  const auto y = row({1, 0, .5}), t = row({2, .1F, 3});
  for (const bool code : {false, true}) {
    for (const bool first : {false, true}) {
      const RddSettings settings{.t = 0.7, .min_kept_frac = 0.4, .code = code};
      EXPECT_EQ(value(rdd_task_loss(row({.2F, -2, 9}), {t, t}, y, first, settings)),
                value(rdd_task_loss(row({.2F, -2, -9}), {t, t}, y, first, settings)));
    }
  }
}

TEST(Rdd, StudentHasHalfTheChannels) {
  EXPECT_EQ(rdd_student_widths({8, 16, 32}), (std::vector<std::int64_t>{4, 8, 16}));
  EXPECT_EQ(rdd_student_widths({1, 3}), (std::vector<std::int64_t>{1, 1}));
}

}  // namespace
}  // namespace assay::cracks
