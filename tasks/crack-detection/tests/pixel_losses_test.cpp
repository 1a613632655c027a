#include "crack-detection/pixel_losses.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::cracks {
namespace {

const double kLn2 = std::log(2.0);

torch::Tensor image(const std::vector<float>& values) {
  return torch::tensor(values).view({1, 1, 1, static_cast<std::int64_t>(values.size())});
}

// Four pixels, one of them crack, every logit 0.
const auto kZeros = image({0, 0, 0, 0});
const auto kOneInFour = image({1, 0, 0, 0});

TEST(MeanBce, OfUndecidedPixelsIsLn2) { EXPECT_NEAR(mean_bce(kZeros, kOneInFour).item<double>(), kLn2, 1e-6); }

TEST(BalancedBce, WeighsEachClassByTheShareOfTheOther) {
  EXPECT_NEAR(balanced_bce(kZeros, kOneInFour, 1).item<double>(), 1.5 * kLn2, 1e-6);  // (0.75 + 3 x 0.25) ln 2
  EXPECT_NEAR(balanced_bce(kZeros, kOneInFour, 1.1).item<double>(), (0.75 + 1.1 * 0.75) * kLn2, 1e-6);
  const auto twice = torch::cat({kZeros, kZeros});  // a mean over the batch, with weights of each image
  EXPECT_NEAR(balanced_bce(twice, torch::cat({kOneInFour, image({1, 1, 0, 0})}), 1).item<double>(),
              (1.5 + 2.0) / 2 * kLn2, 1e-6);
}

TEST(BalancedBce, OfIgnoredPixelsIsZero) {
  EXPECT_EQ(balanced_bce(kZeros, image({.5, .5, .5, .5}), 1.1).item<double>(), 0);
  EXPECT_NEAR(balanced_bce(image({0, 0, 0, 0, 9}), image({1, 0, 0, 0, .5}), 1.1).item<double>(),
              balanced_bce(kZeros, kOneInFour, 1.1).item<double>(), 1e-6);
}

TEST(FocalLoss, IsAQuarterOfBceWhereNothingIsDecided) {
  EXPECT_NEAR(focal_loss(kZeros, kOneInFour, {}).item<double>(), 0.25 * kLn2, 1e-6);
}

TEST(FocalLoss, WithoutItsExponentIsWeightedBce) {
  const auto z = image({1, -2, .5, 3});
  EXPECT_NEAR(focal_loss(z, kOneInFour, {0, 0.5, 0.5}).item<double>(), mean_bce(z, kOneInFour).item<double>() / 2,
              1e-6);
}

TEST(FocalLoss, WeighsTheClassesByAlpha) {
  // one crack at 0.75, three others at 0.25, all of 0.25 ln 2
  EXPECT_NEAR(focal_loss(kZeros, kOneInFour, {2, 0.75, 0.25}).item<double>(), 1.5 / 4 * 0.25 * kLn2, 1e-6);
}

TEST(FocalLoss, HasAFiniteSlopeAtCertainty) {
  auto z = image({60, -60, -60, -60}).requires_grad_();
  const auto slope = torch::autograd::grad({focal_loss(z, kOneInFour, {0.5, 1, 1})}, {z})[0];
  EXPECT_TRUE(slope.isfinite().all().item<bool>());
}

TEST(DiceLoss, IsAHalfOnTheExample) {
  EXPECT_NEAR(dice_loss(kZeros, kOneInFour).item<double>(), 0.5, 1e-6);  // 1 - (2 x 0.5 + 1) / (2 + 1 + 1)
}

TEST(DiceLoss, IsAMeanOverImages) {
  const auto other = image({0, 0, 0, 0});
  const double empty = dice_loss(kZeros, other).item<double>();  // 1 - 1 / (2 + 0 + 1)
  EXPECT_NEAR(empty, 2.0 / 3, 1e-6);
  EXPECT_NEAR(dice_loss(torch::cat({kZeros, kZeros}), torch::cat({kOneInFour, other})).item<double>(),
              (0.5 + empty) / 2, 1e-6);
}

TEST(Supervised, OfEqualMapsIsTheirNumberTimesOne) {
  const Maps maps(4, image({1, -1, 2, 0}));
  const double one = mean_bce(maps[0], kOneInFour).item<double>();
  EXPECT_NEAR(supervised(maps, kOneInFour, mean_bce).item<double>(), 4 * one, 1e-6);
  EXPECT_NEAR(supervised(maps, kOneInFour, mean_bce, {0.5, 0, 1, 1}).item<double>(), 2.5 * one, 1e-6);
}

TEST(Supervised, LeavesOutAMapOfWeightZero) {
  const Maps with{image({1, 1, 1, 1}), kZeros}, without{kZeros};
  EXPECT_EQ(supervised(with, kOneInFour, mean_bce, {0, 1}).item<float>(),
            supervised(without, kOneInFour, mean_bce).item<float>());
}

TEST(PixelLosses, DoNotSeeIgnoredPixels) {
  const auto labels = image({1, 0, 0, .5});
  const auto one = image({1, -1, .5, -7}), other = image({1, -1, .5, 7});
  const std::vector<MapLoss> losses{
      mean_bce,
      [](auto& z, auto& y) { return balanced_bce(z, y, 1); },
      [](auto& z, auto& y) { return focal_loss(z, y, {}); },
      dice_loss,
      [](auto& z, auto& y) { return mean_over(pixel_bce(z, y), judged(y)); },
  };
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_EQ(losses[i](one, labels).item<float>(), losses[i](other, labels).item<float>()) << i;
    EXPECT_TRUE(std::isfinite(losses[i](one, torch::full_like(labels, 0.5)).item<float>())) << i;
  }
}

}  // namespace
}  // namespace assay::cracks
