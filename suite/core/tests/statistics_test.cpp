#include "core/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/streams.hpp"

namespace assay {
namespace {

TEST(Statistics, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(t_quantile(0.975, 2), 4.303, 5e-4);
  EXPECT_NEAR(t_quantile(0.975, 9), 2.262, 5e-4);
  EXPECT_NEAR(t_quantile(0.975, std::numeric_limits<double>::infinity()), 1.960, 5e-4);
  EXPECT_NEAR(t_two_sided(4.303, 2), 0.05, 1e-4);
  EXPECT_NEAR(t_two_sided(-4.303, 2), 0.05, 1e-4);
}

// 1, 2, 3: mean 2, sd 1, half width 4.303 / sqrt(3) = 2.484.
TEST(Statistics, SummarisesThreeSeedsAsWorkedOutByHand) {
  const std::vector<double> values{1, 2, 3};
  const auto summary = summarise(values);
  EXPECT_EQ(summary.n, 3u);
  EXPECT_DOUBLE_EQ(summary.mean, 2);
  EXPECT_DOUBLE_EQ(summary.sd, 1);
  EXPECT_NEAR(summary.interval->low, 2 - 2.484, 1e-3);
  EXPECT_NEAR(summary.interval->high, 2 + 2.484, 1e-3);
}

TEST(Statistics, OneValueHasNoIntervalAndNoneHasNoMean) {
  const std::vector<double> one{5};
  EXPECT_FALSE(summarise(one).interval);
  EXPECT_EQ(summarise(one).mean, 5);
  EXPECT_EQ(summarise({}).n, 0u);
}

// S1 against the truth: a difference of 1 for every seed and example, plus what is common to a seed, to an example, and to
// both. Over many worlds, the estimated variance of the mean must be the mean's real one, or a little more (S2).
TEST(Statistics, VarianceIsThatOfOtherSeedsAndOtherExamples) {
  constexpr std::size_t kSeeds = 3, kExamples = 20, kWorlds = 4000;
  for (const auto& [of_seed, of_example, of_both] :
       {std::tuple(0.1, 1.0, 0.5), std::tuple(1.0, 0.2, 0.5), std::tuple(0.2, 1.0, 0.0)}) {
    Stream stream(11);
    double sum = 0, squares = 0, estimated = 0;
    for (std::size_t world = 0; world < kWorlds; ++world) {
      std::vector<double> seeds(kSeeds, 1), examples(kExamples, 0);
      for (auto& example : examples) example = of_example * stream.normal();
      auto means = examples;
      for (auto& seed : seeds) {
        seed += of_seed * stream.normal();
        for (std::size_t i = 0; i < kExamples; ++i) {
          const double both = of_both * stream.normal();
          seed += (examples[i] + both) / kExamples;
          means[i] += both / kSeeds;
        }
      }
      const auto pair = paired_difference(seeds, example_noise(means));
      sum += pair.mean, squares += pair.mean * pair.mean;
      estimated += (pair.seed_variance / kSeeds + pair.examples.variance) / kWorlds;
    }
    const double real = squares / kWorlds - (sum / kWorlds) * (sum / kWorlds);
    EXPECT_GT(estimated / real, 0.93);  // 4,000 worlds give a variance to about 2 %
    EXPECT_LT(estimated / real, 1.15);
  }
}

// Differences 1, 2, 3 without neighbours: t = 2 / (1 / sqrt(3)) = 3.464 with 2 degrees of freedom, p = 0.0742.
TEST(Statistics, ComparesAPairAloneByThePairedTTest) {
  const std::vector<double> seeds{1, 2, 3};
  const auto test = compare(paired_difference(seeds), {});
  EXPECT_DOUBLE_EQ(test.difference, 2);
  EXPECT_EQ(test.freedom, 2);
  EXPECT_NEAR(test.p, 0.0742, 1e-4);
  EXPECT_NEAR(test.interval->low, 2 - 2.484, 1e-3);
}

TEST(Statistics, ExamplesWidenTheInterval) {
  const std::vector<double> seeds{1, 2, 3};
  const auto test = compare(paired_difference(seeds, {3, 10}), {});
  EXPECT_NEAR(test.standard_error, std::sqrt(1.0 / 3 + 3), 1e-12);  // the examples' part does not shrink with seeds
  const double third = 1.0 / 3;                                     // Welch and Satterthwaite: of 2 and 9 degrees
  EXPECT_NEAR(test.freedom, (third + 3) * (third + 3) / (third * third / 2 + 9.0 / 9), 1e-9);
}

TEST(Statistics, OneSeedIsNoTest) {
  const std::vector<double> seeds{30};
  const auto test = compare(paired_difference(seeds, {1, 50}), {4, 10, 20});
  EXPECT_EQ(test.p, 1);
  EXPECT_FALSE(test.interval);
  EXPECT_EQ(test.difference, 30);
}

// Contributions 1, 2, 6: variance 7, over 3.
TEST(Statistics, ExampleVarianceOfAnyValues) {
  const std::vector<double> values{1, 2, 6};
  EXPECT_DOUBLE_EQ(example_noise(values).variance, 7.0 / 3);
  EXPECT_EQ(example_noise(std::span(values).first(1)).variance, 0);
  const auto interval = example_interval(3, {7.0 / 3, 3});
  EXPECT_NEAR(interval.high, 3 + 4.303 * std::sqrt(7.0 / 3), 1e-3);
}

// S7: one seed, v = 4 over 12 examples: t = 6 / 2 with 11 degrees of freedom, p = 0.0121.
TEST(Statistics, WhereNothingIsDrawnOneSeedIsTestedByItsExamples) {
  const std::vector<double> one{6}, repeated{6, 6, 6};
  for (const auto& seeds : {one, repeated}) {
    const auto test = compare(paired_difference(seeds, {4, 12}, true), {9, 10, 20});
    EXPECT_DOUBLE_EQ(test.standard_error, 2);
    EXPECT_EQ(test.freedom, 11);
    EXPECT_EQ(test.examples, 12u);
    EXPECT_NEAR(test.p, 0.0121, 1e-4);
    EXPECT_NEAR(test.interval->low, 6 - 2 * 2.201, 1e-3);
  }
}

TEST(Statistics, WithoutExamplesRepeatedSeedsAreNoTest) {
  const std::vector<double> seeds{6, 6, 6};
  EXPECT_EQ(compare(paired_difference(seeds, {}, true), {}).p, 1);
  EXPECT_FALSE(compare(paired_difference(seeds, {}, true), {}).interval);
}

// Where the seed draws the data, such a pair's differences vary and stand alone, whatever the others say.
TEST(Statistics, WhereOnlyTheDataAreDrawnAPairStandsAlone) {
  const std::vector<double> seeds{1, 2, 3};
  const auto test = compare(paired_difference(seeds, {0, 12}, true), {100, 10, 20});
  EXPECT_EQ(test.examples, 0u);
  EXPECT_EQ(test.freedom, 2);
  EXPECT_NEAR(test.p, 0.0742, 1e-4);
}

// 0.1 + 0.1 + 0.1 is not 3 * 0.1 in binary: no variance must come of that.
TEST(Statistics, EqualValuesHaveNoVariance) {
  const std::vector<double> values{0.1, 0.1, 0.1};
  EXPECT_EQ(summarise(values).sd, 0);
}

TEST(Statistics, EqualMethodsAreNotSeparatedAndSteadyOnesAre) {
  const std::vector<double> same{0, 0, 0}, steady{5, 5, 5};
  EXPECT_EQ(compare(paired_difference(same), {}).p, 1);
  EXPECT_EQ(compare(paired_difference(steady), {}).p, 0);
}

TEST(Statistics, APriorLendsFreedomButNeverShrinksAVariance) {
  const VariancePrior prior{1.0, 10, 22};
  const auto noisy = compare({3, 2, 9.0, {}}, prior), calm = compare({3, 2, 0.01, {}}, prior);
  EXPECT_NEAR(noisy.standard_error, std::sqrt(9.0 / 3), 1e-12);
  EXPECT_NEAR(calm.standard_error, std::sqrt((2 * 0.01 + 10) / 12 / 3), 1e-12);
  EXPECT_EQ(noisy.freedom, 12);
  EXPECT_EQ(compare({3, 2, 1, {}}, {1.0, 100, 22}).freedom, 22);  // the cap
}

// Variances drawn as s0^2 d0 / chi^2(d0) * chi^2(d) / d give back s0^2 and d0.
TEST(Statistics, FitsThePriorThatMadeTheVariances) {
  constexpr int kPriorFreedom = 8, kOwn = 2;
  Stream stream(5);
  const auto chi = [&](int freedom) {
    double sum = 0;
    for (int i = 0; i < freedom; ++i) {
      const double z = stream.normal();
      sum += z * z;
    }
    return sum;
  };
  std::vector<PairedDifference> pairs;
  for (int i = 0; i < 40000; ++i) {
    const double variance = 4.0 * kPriorFreedom / chi(kPriorFreedom);
    pairs.push_back({kOwn + 1, 0, variance * chi(kOwn) / kOwn, 0});
  }
  const auto prior = fit_variance_prior(pairs, 1e9);
  EXPECT_NEAR(prior.variance, 4.0, 0.2);
  EXPECT_NEAR(prior.freedom, kPriorFreedom, 1.0);
}

TEST(Statistics, WhatDrawsNothingSaysNothingOfTraining) {
  std::vector<PairedDifference> pairs{{3, 0, 1, 0}, {3, 0, 2, 0}, {3, 0, 1.5, 0}};
  const auto before = fit_variance_prior(pairs, 10);
  pairs.push_back({3, 0, 1e-6, 0, 24, true});
  EXPECT_EQ(fit_variance_prior(pairs, 10).variance, before.variance);
}

TEST(Statistics, TooFewPairsGiveNoPrior) {
  const std::vector<PairedDifference> pairs{{3, 0, 1, 0}, {3, 0, 2, 0}, {1, 0, 0, 0}};
  EXPECT_EQ(fit_variance_prior(pairs, 10).freedom, 0);
}

// Eight methods that are equal in truth, three seeds: any separation is an error.
TEST(Statistics, FamilyWiseErrorIsKept) {
  constexpr int kTables = 2000, kMethods = 8, kSeeds = 3;
  Stream stream(17);
  int wrong = 0;
  for (int table = 0; table < kTables; ++table) {
    std::vector<std::vector<double>> scores(kMethods, std::vector<double>(kSeeds));
    for (auto& method : scores) {
      for (auto& score : method) score = stream.normal();
    }
    std::vector<PairedDifference> pairs;
    for (int a = 0; a < kMethods; ++a) {
      for (int b = a + 1; b < kMethods; ++b) {
        std::vector<double> seeds;
        for (int s = 0; s < kSeeds; ++s) {
          seeds.push_back(scores[static_cast<std::size_t>(a)][static_cast<std::size_t>(s)] -
                          scores[static_cast<std::size_t>(b)][static_cast<std::size_t>(s)]);
        }
        pairs.push_back(paired_difference(seeds));
      }
    }
    const auto prior = fit_variance_prior(pairs, (kMethods - 1) * (kSeeds - 1));
    std::vector<double> p;
    for (const auto& pair : pairs) p.push_back(compare(pair, prior).p);
    const auto adjusted = holm(p);
    wrong += *std::min_element(adjusted.begin(), adjusted.end()) < 0.05;
  }
  EXPECT_LT(static_cast<double>(wrong) / kTables, 0.065);  // 0.05 and three standard errors of 2,000 tables
}

// Holm's own steps: 0.01 * 4, then 0.02 * 3 and 0.03 * 2, both raised to the largest so far, then 0.2.
TEST(Statistics, HolmStepsDown) {
  const std::vector<double> p{0.03, 0.01, 0.2, 0.02};
  const auto adjusted = holm(p);
  EXPECT_NEAR(adjusted[1], 0.04, 1e-12);
  EXPECT_NEAR(adjusted[3], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[0], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.2, 1e-12);
  EXPECT_TRUE(holm({}).empty());
}

// a beats c and d, b beats d: a 1-2, b 1-3, c 2-4, d 3-4.
TEST(Statistics, RankRangesCountTheSeparated) {
  const std::vector<Separation> separations{{0, 2}, {0, 3}, {1, 3}};
  const auto ranges = rank_ranges(4, separations);
  EXPECT_EQ(ranges[0], (RankRange{1, 2}));
  EXPECT_EQ(ranges[1], (RankRange{1, 3}));
  EXPECT_EQ(ranges[2], (RankRange{2, 4}));
  EXPECT_EQ(ranges[3], (RankRange{3, 4}));
  EXPECT_EQ(rank_ranges(2, {})[1], (RankRange{1, 2}));
}

TEST(Statistics, InterquartileMeanWeighsTheEdges) {
  EXPECT_DOUBLE_EQ(interquartile_mean({8, 1, 2, 100}), 5);  // 2 and 8
  EXPECT_DOUBLE_EQ(interquartile_mean({7}), 7);
  // Six values: the middle half is [1.5, 4.5): half of the second, the third, the fourth, half of the fifth.
  EXPECT_DOUBLE_EQ(interquartile_mean({0, 2, 3, 5, 6, 90}), (1 + 3 + 5 + 3) / 3.0);
  EXPECT_TRUE(std::isnan(interquartile_mean({})));
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
}

TEST(Statistics, StratifiedBootstrapKeepsToItsStrata) {
  // Each stratum is constant: drawing again within strata changes nothing, drawing over all would.
  const auto constant = stratified_iqm({{1, 1, 1}, {5, 5, 5}}, 3, 200);
  EXPECT_DOUBLE_EQ(constant.interval.low, constant.value);
  EXPECT_DOUBLE_EQ(constant.interval.high, constant.value);
  const auto first = stratified_iqm({{1, 2, 3}, {5, 6, 9}}, 3, 500),
             again = stratified_iqm({{1, 2, 3}, {5, 6, 9}}, 3, 500);
  EXPECT_EQ(first.interval.low, again.interval.low);
  EXPECT_LT(first.interval.low, first.value);
  EXPECT_GT(first.interval.high, first.value);
}

TEST(Statistics, BootstrapSeedsTellKeysApart) {
  EXPECT_NE(bootstrap_seed({"a", "b"}), bootstrap_seed({"ab"}));
  EXPECT_EQ(bootstrap_seed({"a", "b"}), bootstrap_seed({"a", "b"}));
}

}  // namespace
}  // namespace assay
