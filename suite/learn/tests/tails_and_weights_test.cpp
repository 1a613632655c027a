// Weibull tails and Lewis weights.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "core/streams.hpp"
#include "learn/lewis_weights.hpp"
#include "learn/weibull.hpp"

namespace assay::learn {
namespace {

double weibull_quantile(double q, double shape, double scale) { return scale * std::pow(-std::log1p(-q), 1 / shape); }

// The smallest of these 512 quantiles is 1.00005, so that the fit's shift is next to nothing.
std::vector<double> weibull_sample() {
  std::vector<double> sample;
  for (int i = 0; i < 512; ++i) sample.push_back(weibull_quantile((i + 0.5) / 512, 10, 2));
  return sample;
}

TEST(WeibullTail, RecoversShapeAndScaleOfASample) {
  const auto tail = fit_weibull_tail(weibull_sample(), 512);
  EXPECT_NEAR(tail.shift, 0, 1e-3);
  EXPECT_NEAR(tail.shape, 10, .1);
  EXPECT_NEAR(tail.scale, 2, .005);
  EXPECT_NEAR(tail.cdf(weibull_quantile(.9, 10, 2)), .9, .005);
}

TEST(WeibullTail, RecoversTheParametersOfADrawnSampleWhereverItBegins) {
  Stream stream(1);
  std::vector<double> distances{10};  // of 1, below which one in 6,600 draws would fall
  while (distances.size() < 4000) {
    const double x = weibull_quantile(stream.uniform(), 8, 3);
    if (x > 1) distances.push_back(x + 9);
  }
  const auto tail = fit_weibull_tail(distances, distances.size());
  EXPECT_DOUBLE_EQ(tail.shift, -9);
  EXPECT_NEAR(tail.shape, 8, .5);  // five standard errors
  EXPECT_NEAR(tail.scale, 3, .03);
}

TEST(WeibullTail, IsTheMaximumOfTheLikelihood) {
  const std::vector<double> distances{.3, 1.1, .7, 2.5, 1.6};
  const auto fit = fit_weibull_tail(distances, 5);
  const auto log_likelihood = [&](double shape, double scale) {
    double sum = 0;
    for (const double d : distances) {
      const double x = d + fit.shift;
      sum += std::log(shape / scale) + (shape - 1) * std::log(x / scale) - std::pow(x / scale, shape);
    }
    return sum;
  };
  for (const double factor : {.999, 1.001}) {
    EXPECT_GT(log_likelihood(fit.shape, fit.scale), log_likelihood(fit.shape * factor, fit.scale));
    EXPECT_GT(log_likelihood(fit.shape, fit.scale), log_likelihood(fit.shape, fit.scale * factor));
  }
}

TEST(WeibullTail, UsesTheLargestOnlyAndShiftsTheirSmallestToOne) {
  const auto tail = fit_weibull_tail({.1, 5, .2, 4, 7}, 3), alone = fit_weibull_tail({7, 5, 4}, 9);
  EXPECT_DOUBLE_EQ(tail.shift, -3);
  EXPECT_DOUBLE_EQ(tail.shape, alone.shape);
  EXPECT_DOUBLE_EQ(tail.scale, alone.scale);
}

TEST(WeibullTail, RisesFromZero) {
  const auto tail = fit_weibull_tail({4, 5, 7}, 3);
  EXPECT_EQ(tail.cdf(3), 0);  // 3 + shift is 0
  EXPECT_EQ(tail.cdf(0), 0);
  double before = 0;
  for (double d = 3; d < 12; d += .25) {
    EXPECT_GE(tail.cdf(d), before);
    before = tail.cdf(d);
  }
  EXPECT_NEAR(before, 1, 1e-3);
}

TEST(WeibullTail, OfOneDistanceOrEqualOnesIsAStep) {
  for (const auto& tail : {fit_weibull_tail({.2, 3}, 1), fit_weibull_tail({3, 3, 3}, 3)}) {
    EXPECT_EQ(tail.shape, 1e3);
    EXPECT_NEAR(tail.scale, 1, 1e-12);
    EXPECT_NEAR(tail.cdf(2.9), 0, 1e-12);
    EXPECT_NEAR(tail.cdf(3.1), 1, 1e-12);
    EXPECT_EQ(tail.cdf(1e6), 1);
  }
  EXPECT_EQ(fit_weibull_tail({3, 3 + 1e-9}, 2).shape, 1e3);
}

TEST(WeibullTail, SurvivesLargeDistances) {
  const auto tail = fit_weibull_tail({1e6, 2e6, 5e5}, 3);
  EXPECT_TRUE(std::isfinite(tail.scale) && tail.shape > 0);
}

TEST(WeibullTail, RefusesNothing) { EXPECT_THROW(fit_weibull_tail({}, 3), std::invalid_argument); }

// --- Lewis weights

torch::Tensor matrix(const std::vector<double>& values, std::int64_t columns) {
  return torch::tensor(values, torch::kFloat64).view({-1, columns});
}

void expect_weights(const torch::Tensor& a, double p, const std::vector<double>& expected) {
  const auto w = lewis_weights(a, p);
  ASSERT_EQ(w.numel(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < w.numel(); ++i) {
    EXPECT_NEAR(w[i].item<double>(), expected[static_cast<std::size_t>(i)], 2e-6) << "p = " << p << ", row " << i;
  }
}

torch::Tensor normal_rows(std::int64_t n, std::int64_t d, std::uint64_t seed) {
  Stream stream(seed);
  auto rows = torch::empty({n, d}, torch::kFloat64);
  for (std::int64_t i = 0; i < n * d; ++i) rows.data_ptr<double>()[i] = stream.normal();
  return rows;
}

TEST(LewisWeights, OfWorkedNumbers) {
  const auto triangle = matrix({1, 0, 0, 1, 1, 1}, 2), four = matrix({1, 0, 0, 1, 1, 2, 3, 1}, 2);
  for (const double p : {1., 2.}) expect_weights(triangle, p, {2 / 3., 2 / 3., 2 / 3.});
  expect_weights(matrix({1, 2}, 1), 1, {1 / 3., 2 / 3.});
  expect_weights(matrix({1, 2}, 1), 2, {.2, .8});
  expect_weights(four, 1, {.283351, .367324, .628364, .720961});
  expect_weights(four, 2, {.146341, .268293, .731707, .853659});
  expect_weights(four, 3, {.072067, .190873, .813460, .923600});
}

TEST(LewisWeights, SolveTheirDefinition) {
  const auto a = normal_rows(12, 3, 1);
  for (const double p : {.5, 1., 1.5, 2., 2.5, 3., 3.9}) {
    const auto w = lewis_weights(a, p);
    const auto inner = torch::linalg_inv(torch::matmul(a.t(), w.pow(1 - 2 / p).unsqueeze(1) * a));
    const auto right = (torch::matmul(a, inner) * a).sum(1).pow(p / 2);
    EXPECT_TRUE(w.allclose(right, 1e-5, 0)) << "p = " << p;
    EXPECT_NEAR(w.sum().item<double>(), 3, 1e-5);
    EXPECT_GT(w.min().item<double>(), 0);
    EXPECT_LE(w.max().item<double>(), 1 + 1e-6);
  }
}

TEST(LewisWeights, DoNotDependOnTheBasis) {
  const auto a = normal_rows(10, 3, 2);
  const auto moved = torch::matmul(a, matrix({2, 1, 0, 0, .5, 3, 1, 0, 1}, 3));
  for (const double p : {1., 2., 3.}) EXPECT_TRUE(lewis_weights(a, p).allclose(lewis_weights(moved, p), 0, 5e-6));
}

TEST(LewisWeights, SumToTheRankWhereColumnsDepend) {
  const auto a = normal_rows(9, 2, 3);
  const auto wide = torch::cat({a, a.sum(1, true), torch::zeros({9, 1}, torch::kFloat64)}, 1);
  EXPECT_EQ(numerical_rank(wide), 2);
  for (const double p : {1., 2., 3.}) {
    EXPECT_NEAR(lewis_weights(wide, p).sum().item<double>(), 2, 1e-5);
    EXPECT_TRUE(lewis_weights(wide, p).allclose(lewis_weights(a, p), 0, 5e-6));
  }
}

TEST(LewisWeights, AreOnesWithAsManyIndependentRowsAsColumns) { expect_weights(normal_rows(3, 3, 4), 1.5, {1, 1, 1}); }

TEST(LewisWeights, AreEqualForAConstantFeatureAndForEqualRows) {
  expect_weights(torch::ones({5, 1}), 1, {.2, .2, .2, .2, .2});
  const auto w = lewis_weights(matrix({1, 2, 1, 2, 3, 1}, 2), 2);
  EXPECT_NEAR(w[0].item<double>(), .5, 1e-12);  // (1, 2) once would weigh 1
  EXPECT_NEAR(w[1].item<double>(), .5, 1e-12);
}

TEST(LewisWeights, OfRowsOfZerosAreZero) {
  for (const double p : {1., 2., 3.}) expect_weights(matrix({0, 0, 1, 0, 0, 2, 0, 0}, 2), p, {0, 1, 1, 0});
  expect_weights(torch::zeros({2, 3}), 1, {0, 0});
  EXPECT_EQ(lewis_weights(torch::zeros({0, 3})).numel(), 0);
}

TEST(LewisWeights, NeedAPBelowFour) {
  for (const double p : {-1., 0., 4., 5., std::nan("")}) {
    EXPECT_THROW(lewis_weights(torch::ones({2, 1}), p), std::invalid_argument);
  }
}

TEST(NumericalRank, DropsDirectionsBelowAHundredMillionth) {
  EXPECT_EQ(numerical_rank(matrix({1, 0, 0, 1e-7}, 2)), 2);
  EXPECT_EQ(numerical_rank(matrix({1, 0, 0, 1e-9}, 2)), 1);
  EXPECT_EQ(numerical_rank(torch::zeros({3, 2})), 0);
  EXPECT_EQ(numerical_rank(torch::zeros({0, 2})), 0);
}

}  // namespace
}  // namespace assay::learn
