// DHKD's loss and its gradient alignment on numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor dhkd_loss(const torch::Tensor& student, const torch::Tensor& teacher, double tau);
std::vector<torch::Tensor> dhkd_aligned(const std::vector<torch::Tensor>& task,
                                        const std::vector<torch::Tensor>& distillation,
                                        const std::vector<bool>& in_scope);
void dhkd_backward(const Losses& losses, const std::vector<torch::Tensor>& parameters,
                   const std::vector<bool>& in_scope);

namespace {

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

torch::Tensor row(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64).unsqueeze(0); }

double loss_of(double student, double teacher, double tau) {
  return value(dhkd_loss(row({student}), row({teacher}), tau));
}

double slope_of(double student, double teacher, double tau) {
  auto z = row({student}).requires_grad_();
  return value(torch::autograd::grad({dhkd_loss(z, row({teacher}), tau)}, {z})[0]);
}

void expect_near(const torch::Tensor& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.numel(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(value(found.view(-1)[static_cast<std::int64_t>(i)]), expected[i], 1e-12) << i;
  }
}

TEST(DhkdLoss, IsTheLogarithmOfTheHyperbolicCosine) {
  EXPECT_NEAR(loss_of(0, 2, 1), .433781, 1e-6);
  EXPECT_NEAR(loss_of(0, 2, 2), .480458, 1e-6);
  EXPECT_NEAR(loss_of(0, 2, 4), .494877, 1e-6);
  EXPECT_NEAR(loss_of(0, 2, 1000), .5, 1e-6);  // (z^S - z^T)^2 / 8
  for (const double d : {-3.0, -.2, 0.0, 1.7}) {
    EXPECT_NEAR(loss_of(d, 0, 2), 4 * std::log(std::cosh(d / 4)), 1e-12);
  }
}

TEST(DhkdLoss, DependsOnTheDifferenceAlone) {
  EXPECT_NEAR(loss_of(1, 3, 2), loss_of(-7, -5, 2), 1e-12);
  EXPECT_NEAR(loss_of(1, 3, 2), loss_of(3, 1, 2), 1e-12);
  EXPECT_NEAR(loss_of(4, 4, 2), 0, 1e-12);
}

TEST(DhkdLoss, HasABoundedSlope) {
  EXPECT_NEAR(slope_of(1, 3, 1), -.380797, 1e-6);
  EXPECT_NEAR(slope_of(1, 3, 2), std::tanh(-.5), 1e-9);
  EXPECT_NEAR(slope_of(1000, 0, 2), 1, 1e-9);
  EXPECT_NEAR(slope_of(-1000, 0, 2), -1, 1e-9);
  EXPECT_NEAR(loss_of(-1e4, 0, 1), 5000 - std::log(2.0), 1e-6);  // no overflow
  auto z = row({1}).requires_grad_();
  EXPECT_NEAR(value(torch::autograd::grad({bkl(row({3}), z).sum()}, {z})[0]), -.221515, 1e-6);  // that of plain KL
}

TEST(DhkdLoss, SumsOverLabelsAndAveragesOverImages) {
  const auto student = torch::zeros({2, 3}, torch::kFloat64), teacher = torch::full({2, 3}, 2., torch::kFloat64);
  EXPECT_NEAR(value(dhkd_loss(student, teacher, 1)), 3 * .433781, 1e-5);
}

// Gradients (1, 0 | 2) and (-1, 1 | 0); the last is of the main head.
TEST(DhkdAlignment, ProjectsTheDistillationGradient) {
  const std::vector<torch::Tensor> task{row({1, 0}), row({2})};
  const auto shared = dhkd_aligned(task, {row({-1, 1}), {}}, {true, false});
  expect_near(shared[0], {1, 1});
  expect_near(shared[1], {2});
  const auto all = dhkd_aligned(task, {row({-1, 1}), {}}, {true, true});
  expect_near(all[0], {.2, 1});
  expect_near(all[1], {2.4});
}

TEST(DhkdAlignment, IsThePlainSumWithoutConflict) {
  const auto sums = dhkd_aligned({row({1, 0}), row({2}), {}}, {row({.5, 1}), {}, row({3})}, {true, false, false});
  expect_near(sums[0], {1.5, 1});
  expect_near(sums[1], {2});
  expect_near(sums[2], {3});
  const auto orthogonal = dhkd_aligned({row({1, 0})}, {row({0, 1})}, {true});
  expect_near(orthogonal[0], {1, 1});
}

TEST(DhkdAlignment, DoesNothingWithoutATaskGradient) {
  expect_near(dhkd_aligned({row({0, 0})}, {row({-1, 1})}, {true})[0], {-1, 1});
  EXPECT_FALSE(dhkd_aligned({{}}, {{}}, {true})[0].defined());
}

// The conflict is looked for in the shared parameters only: here the main heads alone disagree.
TEST(DhkdAlignment, LooksAtParametersInScopeOnly) {
  const std::vector<torch::Tensor> task{row({1}), row({2})}, distillation{row({1}), row({-3})};
  expect_near(dhkd_aligned(task, distillation, {true, false})[0], {2});
  expect_near(dhkd_aligned(task, distillation, {true, false})[1], {-1});
  expect_near(dhkd_aligned(task, distillation, {true, true})[0], {3});  // -5 / 5: the task's gradient twice
}

TEST(DhkdAlignment, LeavesTheSumInTheParameters) {
  auto shared = row({1, 1}).requires_grad_(), main = row({1}).requires_grad_(), other = row({1}).requires_grad_(),
       idle = row({1}).requires_grad_();
  const Losses losses{(shared * row({1, 0})).sum() + 2 * main.sum(), (shared * row({-1, 1})).sum() + 5 * other.sum()};
  dhkd_backward(losses, {shared, main, other, idle}, {true, false, false, true});
  expect_near(shared.grad(), {1, 1});
  expect_near(main.grad(), {2});
  expect_near(other.grad(), {5});
  EXPECT_FALSE(idle.grad().defined());
  for (const auto& parameter : {shared, main, other}) EXPECT_FALSE(parameter.grad().is_view());  // can be cleared
}

}  // namespace
}  // namespace assay::multi_label_kd
