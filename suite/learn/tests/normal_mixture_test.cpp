#include "learn/normal_mixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/streams.hpp"
#include "learn/registry.hpp"

namespace assay::learn {
namespace {

using Values = std::vector<double>;

TEST(NormalMixture, FindsTwoClearGroups) {
  const auto fit = fit_normal_mixture(Values{0, .1, .2, 1, 1.1, 1.2}, 2);
  EXPECT_EQ(fit.lowest(), 0u);
  EXPECT_EQ(fit.highest(), 1u);
  for (const std::size_t j : {0u, 1u}) {
    EXPECT_NEAR(fit.weight[j], 0.5, 1e-9);
    EXPECT_NEAR(fit.mean[j], j == 0 ? 0.1 : 1.1, 1e-9);
    EXPECT_NEAR(fit.variance[j], 0.02 / 3 + 5e-4, 1e-9);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(fit.posterior[j][i], (i < 3) == (j == 0) ? 1 : 0, 1e-9);
  }
}

TEST(NormalMixture, FindsThreeGroupsInAnyOrderOfTheValues) {
  const auto fit = fit_normal_mixture(Values{10, 0, 5, .2, 10.2, 5.2, .1, 5.1, 10.1}, 3);
  const Values expected{.1, 5.1, 10.1};
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(fit.mean[j], expected[j], 1e-9);
  EXPECT_NEAR(fit.posterior[fit.highest()][0], 1, 1e-9);
  EXPECT_NEAR(fit.posterior[fit.lowest()][3], 1, 1e-9);
}

TEST(NormalMixture, HoldsTwoValuesApart) {
  const auto fit = fit_normal_mixture(Values{1, 0}, 2);
  EXPECT_NEAR(fit.mean[0], 0, 1e-12);
  EXPECT_NEAR(fit.mean[1], 1, 1e-12);
  EXPECT_NEAR(fit.variance[0], 5e-4, 1e-12);
  EXPECT_NEAR(fit.posterior[1][0], 1, 1e-12);
  EXPECT_NEAR(fit.posterior[1][1], 0, 1e-12);
}

// Lloyd's algorithm begins at 0, 0 and 2/3: the middle group is empty, and takes 10.
TEST(NormalMixture, GivesAnEmptyGroupTheFarthestValue) {
  const auto fit = fit_normal_mixture(Values{0, 0, 0, 0, 0, 0, 0, 1, 10}, 3);
  EXPECT_EQ(fit.highest(), 1u);
  EXPECT_NEAR(fit.mean[1], 10, 1e-9);
  EXPECT_NEAR(fit.mean[2], 1, 1e-9);
  EXPECT_NEAR(fit.weight[0], 7 / 9.0, 1e-9);
}

TEST(NormalMixture, IsAStepWithFewerDistinctValuesThanComponents) {
  const auto two = fit_normal_mixture(Values{2, 5, 2}, 3);
  EXPECT_EQ(two.posterior[two.highest()], (Values{0, 1, 0}));
  EXPECT_EQ(two.posterior[two.lowest()], (Values{1, 0, 1}));
  const auto one = fit_normal_mixture(Values{4, 4}, 2);
  EXPECT_EQ(one.posterior[one.highest()], (Values{1, 1}));
  EXPECT_NEAR(one.log_likelihood, -std::log(2 * std::acos(-1.0) * 5e-4) / 2, 1e-12);
}

TEST(NormalMixture, PosteriorsSumToOne) {
  Stream stream(1);
  Values values(60);
  for (auto& value : values) value = stream.normal() + 2 * static_cast<double>(stream.below(3));
  const auto fit = fit_normal_mixture(values, 3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(fit.posterior[0][i] + fit.posterior[1][i] + fit.posterior[2][i], 1, 1e-12);
  }
}

TEST(NormalMixture, LikelihoodNeverFallsWithoutRegularisation) {
  Stream stream(2);
  Values values(80);
  for (auto& value : values) value = stream.normal() + 3 * static_cast<double>(stream.below(2));
  for (const std::size_t components : {2u, 3u}) {
    double before = -std::numeric_limits<double>::infinity();
    for (int iterations = 0; iterations <= 30; ++iterations) {
      const auto fit = fit_normal_mixture(values, components, {iterations, 0, 0});
      EXPECT_EQ(fit.iterations, iterations);
      EXPECT_GE(fit.log_likelihood, before - 1e-12);
      before = fit.log_likelihood;
    }
  }
}

TEST(NormalMixture, StopsWhereTheLikelihoodHardlyChanges) {
  Stream stream(3);
  Values values(50);
  for (auto& value : values) value = stream.normal();
  const double tolerance = 1e-3;
  const auto fit = fit_normal_mixture(values, 2, {100, tolerance, 5e-4});
  ASSERT_GT(fit.iterations, 2);
  ASSERT_LT(fit.iterations, 100);
  // The likelihood of iteration i is the one after i - 1 steps.
  const auto after = [&](int steps) { return fit_normal_mixture(values, 2, {steps, 0, 5e-4}).log_likelihood; };
  EXPECT_LT(std::abs(after(fit.iterations - 1) - after(fit.iterations - 2)), tolerance);
  EXPECT_GE(std::abs(after(fit.iterations - 2) - after(fit.iterations - 3)), tolerance);
}

TEST(NormalMixture, ShiftsWithTheValues) {
  const Values values{0, .3, .5, 2, 2.5, 2.6};
  Values moved;
  for (const double value : values) moved.push_back(value + 4);
  const auto a = fit_normal_mixture(values, 2), b = fit_normal_mixture(moved, 2);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(a.posterior[1][i], b.posterior[1][i], 1e-9);
}

// Standard deviations 1 around 0 and 0.1 around 1.
TEST(NormalMixture, APosteriorNeedNotRiseWithTheValue) {
  const Values values{-1, 1, .9, 1.1, 2};
  const auto fit = refine_normal_mixture(values, {{1, 1, 0, 0, 0}, {0, 0, 1, 1, 0}}, {0, 0, 0});
  EXPECT_EQ(fit.highest(), 1u);
  EXPECT_NEAR(fit.mean[1], 1, 1e-12);
  EXPECT_NEAR(fit.variance[1], 0.01, 1e-12);
  EXPECT_NEAR(fit.posterior[1][1], 0.943, 5e-4);
  EXPECT_LT(fit.posterior[1][4], 1e-19);
}

TEST(NormalMixture, RefusesWhatItCannotFit) {
  EXPECT_THROW(fit_normal_mixture(Values{}, 2), std::invalid_argument);
  EXPECT_THROW(fit_normal_mixture(Values{1}, 0), std::invalid_argument);
  EXPECT_THROW(fit_normal_mixture(Values{1, std::nan("")}, 2), NonFinite);
}

}  // namespace
}  // namespace assay::learn
