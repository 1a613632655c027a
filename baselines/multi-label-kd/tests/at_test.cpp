// Attention transfer on numbers worked out by hand.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "core/streams.hpp"

namespace assay::multi_label_kd {

torch::Tensor at_map(const torch::Tensor& features);
torch::Tensor at_loss(const torch::Tensor& student, const torch::Tensor& teacher);

namespace {

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

torch::Tensor noise(torch::IntArrayRef shape, std::uint64_t seed) {
  Stream stream(seed);
  const auto values = torch::empty(shape);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    values.data_ptr<float>()[i] = static_cast<float>(stream.normal());
  }
  return values;
}

// One image, one channel, two places, whose squares are in the ratio of the two values.
torch::Tensor two_places(double left, double right) {
  return torch::tensor({left, right}).to(torch::kFloat32).sqrt().view({1, 1, 1, 2});
}

TEST(At, MapIsTheNormalisedMeanSquareOfTheChannels) {
  const auto features = torch::tensor({3.F, 0.F, 1.F, 4.F}).view({1, 2, 1, 2});  // squares: 9 + 1, 0 + 16
  const double norm = std::sqrt(10.0 * 10 + 16 * 16);
  EXPECT_TRUE(
      torch::allclose(at_map(features), torch::tensor({10 / norm, 16 / norm}).to(torch::kFloat32).view({1, 2})));
}

TEST(At, LossIsAsWorkedOut) {
  EXPECT_NEAR(value(at_loss(two_places(3, 4), two_places(4, 3))), 0.04, 1e-6);
  EXPECT_EQ(value(at_loss(two_places(3, 4), two_places(3, 4))), 0);
}

TEST(At, LossIsAMeanOverImagesAndPlaces) {
  const auto student = torch::cat({two_places(3, 4), two_places(1, 0)}),
             teacher = torch::cat({two_places(4, 3), two_places(0, 1)});
  EXPECT_NEAR(value(at_loss(student, teacher)), (0.04 + 1) / 2, 1e-6);
}

TEST(At, ScalingAnImageChangesNothing) {
  const auto student = noise({3, 4, 5, 5}, 1), teacher = noise({3, 7, 5, 5}, 2);
  const auto factors = torch::tensor({0.5F, 3.F, 20.F}).view({3, 1, 1, 1});
  EXPECT_NEAR(value(at_loss(student * factors, teacher)), value(at_loss(student, teacher)), 1e-6);
  EXPECT_NEAR(value(at_loss(student, teacher * factors)), value(at_loss(student, teacher)), 1e-6);
}

TEST(At, TheLargerMapIsPooledBeforeItIsSquared) {
  const auto small = noise({2, 3, 4, 4}, 3).abs();
  const auto large = small.repeat_interleave(2, 2).repeat_interleave(2, 3);
  EXPECT_NEAR(value(at_loss(small, large)), 0, 1e-12);
  EXPECT_NEAR(value(at_loss(large, small)), 0, 1e-12);
  // 1 and -1 cancel: squaring first would leave the left place as strong as the right one
  const auto alternating = torch::tensor({1.F, -1.F, 1.F, 1.F}).view({1, 1, 1, 4});
  EXPECT_NEAR(value(at_loss(alternating, torch::tensor({0.F, 1.F}).view({1, 1, 1, 2}))), 0, 1e-12);
}

TEST(At, TeachesWhereMapsDifferAndStaysFiniteOnADeadOne) {
  auto student = noise({2, 3, 4, 4}, 4).requires_grad_();
  at_loss(student, noise({2, 5, 4, 4}, 5)).backward();
  EXPECT_GT(value(student.grad().abs().sum()), 0);
  auto dead = torch::zeros({2, 3, 4, 4}).requires_grad_();
  const auto loss = at_loss(dead, noise({2, 5, 4, 4}, 5));
  loss.backward();
  EXPECT_TRUE(std::isfinite(value(loss)));
  EXPECT_EQ(value(dead.grad().abs().sum()), 0);
}

}  // namespace
}  // namespace assay::multi_label_kd
