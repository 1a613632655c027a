#include "learn/uncertainty.hpp"

#include <gtest/gtest.h>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

#include "core/streams.hpp"
#include "learn/evidential.hpp"

namespace assay::learn {
namespace {

using std::numbers::ln2;
using Row = std::vector<double>;

torch::Tensor row(const Row& values) { return torch::tensor(values, torch::kFloat64).unsqueeze(0); }

double value(const torch::Tensor& one) { return one.item<double>(); }

torch::Tensor normal_rows(std::int64_t n, std::int64_t d, std::uint64_t seed) {
  Stream stream(seed);
  auto rows = torch::empty({n, d}, torch::kFloat64);
  for (std::int64_t i = 0; i < n * d; ++i) rows.data_ptr<double>()[i] = 3 * stream.normal();
  return rows;
}

TEST(Uncertainty, IsHighestOfEvenProbabilitiesAndNoneOfSureOnes) {
  const auto even = row({.25, .25, .25, .25}), sure = row({0, 1, 0, 0});
  EXPECT_NEAR(value(entropy(even)), 2 * ln2, 1e-12);
  EXPECT_NEAR(value(least_confidence(even)), .75, 1e-12);
  EXPECT_NEAR(value(margin_uncertainty(even)), 1, 1e-12);
  EXPECT_EQ(value(entropy(sure)), 0);
  EXPECT_EQ(value(least_confidence(sure)), 0);
  EXPECT_EQ(value(margin_uncertainty(sure)), 0);
}

TEST(Uncertainty, TakesTheTwoLargestForTheMargin) {
  EXPECT_NEAR(value(margin_uncertainty(row({.2, .5, .3}))), .8, 1e-12);
  EXPECT_EQ(value(margin_uncertainty(row({1}))), 0);
}

TEST(Energy, OfThreeLogits) {
  const auto logits = row({2, 1, 0});
  EXPECT_NEAR(value(energy(logits)), -2.407606, 1e-6);
  EXPECT_NEAR(value(energy_without_top(logits)), -1.313262, 1e-6);
}

TEST(Energy, DifferenceIsTheLogarithmOfLeastConfidence) {
  const auto logits = normal_rows(20, 5, 1);
  const auto difference = energy(logits) - energy_without_top(logits);
  EXPECT_TRUE(difference.allclose(least_confidence(logits.softmax(1)).log(), 1e-9, 1e-9));
  EXPECT_NEAR(value(energy(row({2, 1, 0})) - energy_without_top(row({2, 1, 0}))), -1.094344, 1e-6);
}

TEST(Energy, LeavesOutOneOfTwoEqualTops) { EXPECT_NEAR(value(energy_without_top(row({3, 3, -900}))), -3, 1e-12); }

TEST(Divergences, OfTwoProbabilities) {
  EXPECT_NEAR(value(kl_divergence(row({.5, .5}), row({.25, .75}))), ln2 / 2 + std::log(2 / 3.0) / 2, 1e-12);
  EXPECT_NEAR(value(kl_divergence(row({0, 1}), row({.5, .5}))), ln2, 1e-12);
  EXPECT_EQ(value(kl_divergence(row({0, 1}), row({0, 1}))), 0);
  EXPECT_TRUE(std::isinf(value(kl_divergence(row({.5, .5}), row({0, 1})))));
}

TEST(Divergences, JensenShannonIsSymmetricBetweenZeroAndLogTwo) {
  EXPECT_NEAR(value(js_divergence(row({1, 0, 0}), row({0, .3, .7}))), ln2, 1e-12);
  EXPECT_EQ(value(js_divergence(row({.3, .7}), row({.3, .7}))), 0);
  const auto p = normal_rows(50, 4, 2).softmax(1), q = normal_rows(50, 4, 3).softmax(1);
  const auto js = js_divergence(p, q);
  EXPECT_TRUE(js.allclose(js_divergence(q, p), 0, 1e-15));
  EXPECT_GE(value(js.min()), 0);
  EXPECT_LE(value(js.max()), ln2);
}

// --- Evidential classification

TEST(Dirichlet, ExpectsTheTranslationAwareSoftmax) {
  const auto expected = [](const torch::Tensor& alpha) { return alpha / alpha.sum(1, true); };
  EXPECT_NEAR(value(expected(dirichlet(row({0, 5, 0, 0})))[0][1]), .9614, 5e-5);
  EXPECT_NEAR(value(expected(dirichlet(row({-5, 0, -5, -5})))[0][1]), .3984, 5e-5);
  const auto logits = normal_rows(20, 4, 4).clamp(-9, 9);
  const double gamma = 2.5;
  const auto shifted = logits.exp() + gamma;
  EXPECT_TRUE(expected(dirichlet(logits, gamma)).allclose(shifted / shifted.sum(1, true), 1e-12, 1e-12));
}

TEST(Dirichlet, ClampsLogits) {
  const auto alpha = dirichlet(row({-50, 50}));
  EXPECT_NEAR(value(alpha[0][0]), 1 + std::exp(-10), 1e-12);
  EXPECT_NEAR(value(alpha[0][1]), 1 + std::exp(10), 1e-9);
}

TEST(EvidentialNll, IsTheLogarithmOfTheExpectedProbability) {
  const auto alpha = torch::cat({row({1, 3}), row({2, 6})});
  const auto nll = evidential_nll(alpha, torch::tensor({1, 0}, torch::kInt64));
  EXPECT_NEAR(value(nll[0]), std::log(4 / 3.0), 1e-12);
  EXPECT_NEAR(value(nll[1]), std::log(4.0), 1e-12);
}

TEST(DirichletKl, OfWorkedNumbers) {
  EXPECT_NEAR(value(dirichlet_kl(row({1, 1}))), 0, 1e-12);
  EXPECT_NEAR(value(dirichlet_kl(row({1, 2}))), ln2 - 0.5, 1e-12);
  EXPECT_NEAR(value(dirichlet_kl(row({1, 2, 3}))), .551197, 1e-6);
  EXPECT_NEAR(value(dirichlet_kl(row({1, 5, 1}))), 1.241384, 1e-6);
}

TEST(DirichletKl, AgreesWithBoost) {
  const auto alpha = dirichlet(normal_rows(20, 5, 5));
  const auto kl = dirichlet_kl(alpha);
  for (std::int64_t i = 0; i < alpha.size(0); ++i) {
    const double sum = value(alpha[i].sum());
    double expected = boost::math::lgamma(sum) - boost::math::lgamma(5.0);
    for (std::int64_t c = 0; c < 5; ++c) {
      const double a = value(alpha[i][c]);
      expected += (a - 1) * (boost::math::digamma(a) - boost::math::digamma(sum)) - boost::math::lgamma(a);
    }
    EXPECT_NEAR(value(kl[i]), expected, 1e-9);
  }
}

TEST(DirichletKl, KeepsItsDigitsInSinglePrecision) {
  const auto alpha = dirichlet(row({10, 10, 9.5}));
  const auto single = dirichlet_kl(alpha.to(torch::kFloat32));
  EXPECT_EQ(single.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(value(single), value(dirichlet_kl(alpha)), 1e-4);
}

TEST(MisleadingKl, IgnoresTheEvidenceOfTheTrueClass) {
  const auto y = torch::tensor({1}, torch::kInt64);
  EXPECT_NEAR(value(misleading_kl(row({1, 900, 1}), y)), 0, 1e-12);
  EXPECT_NEAR(value(misleading_kl(row({1, 900, 2}), y)), value(dirichlet_kl(row({1, 1, 2}))), 1e-12);
}

TEST(Evidential, GradientsFlowThroughAlphaEverywhere) {
  const auto y = torch::tensor({0}, torch::kInt64);
  const auto loss = [&](const torch::Tensor& logits) {
    const auto alpha = dirichlet(logits, 1.5);
    return (evidential_nll(alpha, y) + misleading_kl(alpha, y)).sum();
  };
  auto logits = row({.4, -.2, 1.3}).requires_grad_();
  loss(logits).backward();
  const torch::NoGradGuard guard;
  constexpr double kStep = 1e-5;
  for (std::int64_t c = 0; c < 3; ++c) {
    auto up = logits.detach().clone(), down = logits.detach().clone();
    up[0][c] += kStep, down[0][c] -= kStep;
    EXPECT_NEAR(value(logits.grad()[0][c]), value(loss(up) - loss(down)) / (2 * kStep), 1e-8);
  }
}

TEST(DirichletUncertainty, OfWorkedNumbers) {
  const auto check = [](const Row& alpha, double total, double data, double distribution) {
    const auto uncertainty = dirichlet_uncertainty(row(alpha));
    EXPECT_NEAR(value(uncertainty.total), total, 1e-6);
    EXPECT_NEAR(value(uncertainty.data), data, 1e-6);
    EXPECT_NEAR(value(uncertainty.distribution), distribution, 1e-6);
  };
  check({1, 1, 1}, 1.098612, .833333, .265279);
  check({10, 10, 10}, 1.098612, 1.066019, .032593);
  check({11, 1, 1}, .535961, .471007, .064954);
}

TEST(DirichletUncertainty, AgreesWithBoostAndHasNoNegativePart) {
  const auto alpha = dirichlet(normal_rows(30, 4, 6));
  const auto uncertainty = dirichlet_uncertainty(alpha.to(torch::kFloat64));
  for (std::int64_t i = 0; i < alpha.size(0); ++i) {
    const double sum = value(alpha[i].sum());
    double data = 0, total = 0;
    for (std::int64_t c = 0; c < 4; ++c) {
      const double a = value(alpha[i][c]);
      data += a / sum * (boost::math::digamma(sum + 1) - boost::math::digamma(a + 1));
      total -= a / sum * std::log(a / sum);
    }
    EXPECT_NEAR(value(uncertainty.data[i]), data, 1e-10);
    EXPECT_NEAR(value(uncertainty.total[i]), total, 1e-10);
  }
  EXPECT_GE(value(uncertainty.distribution.min()), 0);
  EXPECT_GE(value(uncertainty.data.min()), 0);
}

}  // namespace
}  // namespace assay::learn
