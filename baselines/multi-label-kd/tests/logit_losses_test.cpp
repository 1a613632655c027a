// mse, ps and dkd on numbers worked out by hand and against the plain definitions.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/streams.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor kd_loss(const torch::Tensor& student, const torch::Tensor& teacher, double tau);
torch::Tensor mse_of_logits(const torch::Tensor& student, const torch::Tensor& teacher);
torch::Tensor ps_loss(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y, double tau);
torch::Tensor dkd_loss(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y, double alpha,
                       double beta, double tau);
double dkd_ramp(std::int64_t epoch, std::int64_t warmup);

namespace {

using Rows = std::vector<std::vector<double>>;

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

torch::Tensor table(const Rows& rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(torch::tensor(row, torch::kFloat64));
  return torch::stack(tensors);
}

torch::Tensor drawn(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Stream draws(seed);
  auto z = torch::empty({rows, columns}, torch::kFloat64);
  for (std::int64_t i = 0; i < z.numel(); ++i) z.data_ptr<double>()[i] = 3 * draws.normal();
  return z;
}

// 0, 1 and, with `unknown`, some of .5.
torch::Tensor drawn_labels(std::int64_t rows, std::int64_t columns, std::uint64_t seed, bool unknown) {
  Stream draws(seed);
  auto y = torch::empty({rows, columns}, torch::kFloat64);
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const double u = draws.uniform();
    y.data_ptr<double>()[i] = unknown && u < .2 ? .5 : u < .5 ? 1 : 0;
  }
  return y;
}

torch::Tensor gradient(const torch::Tensor& z, const std::function<torch::Tensor(const torch::Tensor&)>& loss) {
  const auto at = z.detach().clone().requires_grad_();
  loss(at).backward();
  return at.grad();
}

// The worked example of ps and dkd.
const Rows kTeacher{{2, 1, 0, -1}}, kStudent{{1, 1, 0, 0}}, kLabels{{1, 1, 0, 0}};

// --- mse

TEST(Mse, IsTheSumOverLabelsAndTheMeanOverImages) {
  const auto s = table({{1, -2}, {0, 3}}), t = table({{0, 0}, {2, 3}});
  EXPECT_DOUBLE_EQ(value(mse_of_logits(s, t)), (1 + 4 + 4) / 2.0);
  EXPECT_EQ(value(mse_of_logits(s, s)), 0);
  const auto g = gradient(s, [&](const torch::Tensor& z) { return mse_of_logits(z, t); });
  EXPECT_TRUE(torch::allclose(g, 2 * (s - t) / 2));
}

TEST(Mse, IsEightTimesTheLimitOfKdAtHighTemperature) {
  const auto s = drawn(4, 5, 1), t = drawn(4, 5, 2);
  EXPECT_NEAR(8 * value(kd_loss(s, t, 1e3)) / value(mse_of_logits(s, t)), 1, 1e-4);
}

// --- ps

// The definition: for each positive a softmax over it and all negatives, and KL(teacher || student).
torch::Tensor defined_ps(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                         double tau) {
  auto sum = torch::zeros({}, torch::kFloat64);
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    const auto negatives = y[i].eq(0).nonzero().flatten();
    if (negatives.numel() == 0) continue;
    for (std::int64_t k = 0; k < y.size(1); ++k) {
      if (y[i][k].item<double>() != 1) continue;
      const auto members = torch::cat({torch::tensor({k}), negatives});
      const auto t = (teacher[i].index_select(0, members) / tau).log_softmax(0);
      const auto s = (student[i].index_select(0, members) / tau).log_softmax(0);
      sum = sum + (t.exp() * (t - s)).sum();
    }
  }
  return tau * tau * sum / y.size(0);
}

TEST(Ps, OfTheWorkedExample) {
  const auto s = table(kStudent), t = table(kTeacher);
  EXPECT_NEAR(value(ps_loss(s, t, table(kLabels), 1)), .237192, 1e-6);
  EXPECT_NEAR(value(ps_loss(s, t, table({{1, .5, 0, 0}}), 1)), .183383, 1e-6);  // either positive alone
  EXPECT_NEAR(value(ps_loss(s, t, table({{.5, 1, 0, 0}}), 1)), .053808, 1e-6);
  EXPECT_NEAR(value(ps_loss(2 * s, 2 * t, table(kLabels), 2)), 4 * .237192, 4e-6);
}

TEST(Ps, IsTheSoftmaxOverEachPositiveAndTheNegatives) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto s = drawn(6, 7, 3 * seed), t = drawn(6, 7, 3 * seed + 1), y = drawn_labels(6, 7, seed, seed % 2 == 1);
    for (const double tau : {1.0, 2.5}) {
      EXPECT_NEAR(value(ps_loss(s, t, y, tau)), value(defined_ps(s, t, y, tau)), 1e-9);
      const auto g = gradient(s, [&](const torch::Tensor& z) { return ps_loss(z, t, y, tau); });
      const auto expected = gradient(s, [&](const torch::Tensor& z) { return defined_ps(z, t, y, tau); });
      EXPECT_TRUE(torch::allclose(g, expected, 1e-8, 1e-9));
    }
  }
}

TEST(Ps, IsZeroWhereTheStudentIsTheTeacherOrIsShiftedAsAWhole) {
  const auto s = drawn(3, 5, 1), t = drawn(3, 5, 2), y = drawn_labels(3, 5, 3, false);
  EXPECT_NEAR(value(ps_loss(t, t, y, 2)), 0, 1e-12);
  const auto shift = table({{3}, {-5}, {.5}});
  EXPECT_NEAR(value(ps_loss(s + shift, t, y, 2)), value(ps_loss(s, t, y, 2)), 1e-9);
  EXPECT_NEAR(value(ps_loss(s, t + shift, y, 2)), value(ps_loss(s, t, y, 2)), 1e-9);
}

TEST(Ps, OfImagesWithoutPositivesOrNegativesIsZero) {
  const auto s = drawn(3, 4, 1), t = drawn(3, 4, 2);
  const auto y = table({{0, 0, 0, 0}, {1, 1, 1, 1}, {.5, .5, .5, .5}});
  EXPECT_EQ(value(ps_loss(s, t, y, 1)), 0);
  EXPECT_EQ(value(dkd_loss(s, t, y, 1, 8, 1)), 0);
  const auto g = gradient(s, [&](const torch::Tensor& z) { return ps_loss(z, t, y, 1) + dkd_loss(z, t, y, 1, 8, 1); });
  EXPECT_TRUE(torch::equal(g, torch::zeros_like(s)));
}

TEST(Ps, DoesNotSeeUnknownLabels) {
  const auto s = table({{1, 1, 9, 0, 0}}), t = table({{2, 1, -9, 0, -1}}), y = table({{1, 1, .5, 0, 0}});
  EXPECT_NEAR(value(ps_loss(s, t, y, 1)), .237192, 1e-6);
  EXPECT_NEAR(value(dkd_loss(s, t, y, 1, 1, 1)), .404610, 1e-6);
}

TEST(Ps, StaysFiniteAtLargeLogits) {
  const auto s = table({{300, -300, 200, -200}}).to(torch::kFloat32), t = -s;
  const auto y = table(kLabels).to(torch::kFloat32);
  EXPECT_TRUE(std::isfinite(ps_loss(s, t, y, 1).item<float>()));
  const auto g = gradient(s, [&](const torch::Tensor& z) { return ps_loss(z, t, y, 1); });
  EXPECT_TRUE(g.isfinite().all().item<bool>());
}

// --- dkd

TEST(Dkd, OfTheWorkedExample) {
  const auto s = table(kStudent), t = table(kTeacher), y = table(kLabels);
  EXPECT_NEAR(value(dkd_loss(s, t, y, 1, 0, 1)), .166053 + .016669, 1e-6);
  EXPECT_NEAR(value(dkd_loss(s, t, table({{1, .5, 0, 0}}), 1, 0, 1)), .166053, 1e-6);
  EXPECT_NEAR(value(dkd_loss(s, t, table({{.5, 1, 0, 0}}), 1, 0, 1)), .016669, 1e-6);
  EXPECT_NEAR(value(dkd_loss(s, t, y, 0, 1, 1)), 2 * .110944, 2e-6);
  EXPECT_NEAR(value(dkd_loss(s, t, y, 1, 1, 1)), .404610, 1e-6);
  EXPECT_NEAR(value(dkd_loss(2 * s, 2 * t, y, 1, 1, 2)), 4 * .404610, 4e-6);
}

// Positive by positive, the others made unknown: then 1 - p^T is one number.
TEST(Dkd, IsPsWithOneMinusTheTeachersProbabilityForBeta) {
  const auto s = drawn(1, 6, 1), t = drawn(1, 6, 2), y = table({{0, 1, 1, 0, .5, 1}});
  const auto negatives = torch::tensor({0, 3}, torch::kInt64);
  const double tau = 2;
  double sum = 0;
  for (const std::int64_t k : {1, 2, 5}) {
    auto alone = y.masked_fill(y.eq(1), .5);
    alone[0][k] = 1;
    const auto members = torch::cat({torch::tensor({k}), negatives});
    const double p = (t[0].index_select(0, members) / tau).softmax(0)[0].item<double>();
    sum += value(dkd_loss(s, t, alone, 1, 1 - p, tau));
  }
  EXPECT_NEAR(sum, value(ps_loss(s, t, y, tau)), 1e-9);
}

TEST(Dkd, IsTheOriginalWithOneLabelPerImage) {
  const auto s = drawn(4, 5, 1), t = drawn(4, 5, 2);
  const auto target = torch::tensor({0, 3, 4, 1}, torch::kInt64).unsqueeze(1);
  const auto y = torch::zeros({4, 5}, torch::kFloat64).scatter(1, target, 1);
  const double tau = 3, alpha = 1, beta = 8;
  const auto pair = [&](const torch::Tensor& z) {  // probabilities of the target and of the rest
    const auto p = (z / tau).softmax(1).gather(1, target);
    return torch::cat({p, 1 - p}, 1);
  };
  const auto rest = [&](const torch::Tensor& z) {  // log-softmax of the others
    return (z / tau).masked_select(y.eq(0)).view({4, 4}).log_softmax(1);
  };
  const auto tckd = (pair(t) * (pair(t).log() - pair(s).log())).sum();
  const auto nckd = (rest(t).exp() * (rest(t) - rest(s))).sum();
  EXPECT_NEAR(value(dkd_loss(s, t, y, alpha, beta, tau)), value(tau * tau * (alpha * tckd + beta * nckd) / 4), 1e-9);
}

TEST(Dkd, RisesOverItsWarmUp) {
  EXPECT_EQ(dkd_ramp(0, 0), 1);
  EXPECT_EQ(dkd_ramp(0, 4), .25);
  EXPECT_EQ(dkd_ramp(3, 4), 1);
  EXPECT_EQ(dkd_ramp(9, 4), 1);
}

}  // namespace
}  // namespace assay::multi_label_kd
