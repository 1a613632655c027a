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

TEST(Statistics, ExampleVarianceIsThatOfTheDrawnExamples) {
  // 8 gained and 2 lost of 100: contributions +1, -1, 0 with variance 0.10 - 0.06^2 = 0.0964.
  EXPECT_NEAR(example_variance(8, 2, 100, 1), 0.0964 / 100, 1e-15);
  EXPECT_NEAR(example_variance(8, 2, 100, 100), 0.0964 / 100 * 1e4, 1e-11);
  EXPECT_EQ(example_variance(0, 0, 100, 100), 0);
  EXPECT_EQ(example_variance(0, 0, 0, 100), 0);
}

// The closed form of S1 against the bootstrap itself: seeds drawn again, then examples within each.
TEST(Statistics, StandardErrorIsThatOfTheHierarchicalBootstrap) {
  constexpr std::size_t kSeeds = 4, kExamples = 60, kDraws = 40000;
  Stream stream(11);
  std::vector<std::vector<int>> turned(kSeeds, std::vector<int>(kExamples));
  std::vector<SeedDifference> seeds;
  for (auto& seed : turned) {
    const double gain = 0.2 + 0.3 * stream.uniform();
    std::size_t gained = 0, lost = 0;
    for (auto& example : seed) {
      example = stream.uniform() < gain ? 1 : stream.uniform() < 0.15 ? -1 : 0;
      gained += example == 1, lost += example == -1;
    }
    seeds.push_back({(static_cast<double>(gained) - static_cast<double>(lost)) / kExamples,
                     example_variance(gained, lost, kExamples, 1)});
  }
  double sum = 0, squares = 0;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    double total = 0;
    for (std::size_t s = 0; s < kSeeds; ++s) {
      const auto& seed = turned[stream.below(kSeeds)];
      for (std::size_t e = 0; e < kExamples; ++e) total += seed[stream.below(kExamples)];
    }
    const double mean = total / (kSeeds * kExamples);
    sum += mean, squares += mean * mean;
  }
  const double bootstrap = squares / kDraws - (sum / kDraws) * (sum / kDraws);
  const auto pair = paired_difference(seeds);
  const double factor = (kSeeds - 1.0) / kSeeds;  // which compare() undoes, see S1
  const double closed = (factor * pair.seed_variance + pair.example_variance) / kSeeds;
  EXPECT_NEAR(closed / bootstrap, 1, 0.03);  // 40,000 draws give the variance to about 0.7 %
}

// Differences 1, 2, 3 without neighbours: t = 2 / (1 / sqrt(3)) = 3.464 with 2 degrees of freedom, p = 0.0742.
TEST(Statistics, ComparesAPairAloneByThePairedTTest) {
  const std::vector<SeedDifference> seeds{{1, 0}, {2, 0}, {3, 0}};
  const auto test = compare(paired_difference(seeds), {});
  EXPECT_DOUBLE_EQ(test.difference, 2);
  EXPECT_EQ(test.freedom, 2);
  EXPECT_NEAR(test.p, 0.0742, 1e-4);
  EXPECT_NEAR(test.interval->low, 2 - 2.484, 1e-3);
}

TEST(Statistics, ExamplesWidenTheInterval) {
  const std::vector<SeedDifference> seeds{{1, 3}, {2, 3}, {3, 3}};
  EXPECT_NEAR(compare(paired_difference(seeds), {}).standard_error, std::sqrt(4.0 / 3), 1e-12);
}

TEST(Statistics, OneSeedIsNoTest) {
  const std::vector<SeedDifference> seeds{{30, 1}};
  const auto test = compare(paired_difference(seeds), {4, 10, 20});
  EXPECT_EQ(test.p, 1);
  EXPECT_FALSE(test.interval);
  EXPECT_EQ(test.difference, 30);
}

TEST(Statistics, EqualMethodsAreNotSeparatedAndSteadyOnesAre) {
  const std::vector<SeedDifference> same{{0, 0}, {0, 0}, {0, 0}}, steady{{5, 0}, {5, 0}, {5, 0}};
  EXPECT_EQ(compare(paired_difference(same), {}).p, 1);
  EXPECT_EQ(compare(paired_difference(steady), {}).p, 0);
}

TEST(Statistics, APriorLendsFreedomButNeverShrinksAVariance) {
  const VariancePrior prior{1.0, 10, 22};
  const auto noisy = compare({3, 2, 9.0, 0}, prior), calm = compare({3, 2, 0.01, 0}, prior);
  EXPECT_NEAR(noisy.standard_error, std::sqrt(9.0 / 3), 1e-12);
  EXPECT_NEAR(calm.standard_error, std::sqrt((2 * 0.01 + 10) / 12 / 3), 1e-12);
  EXPECT_EQ(noisy.freedom, 12);
  EXPECT_EQ(compare({3, 2, 1, 0}, {1.0, 100, 22}).freedom, 22);  // the cap
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
        std::vector<SeedDifference> seeds;
        for (int s = 0; s < kSeeds; ++s) {
          seeds.push_back({scores[static_cast<std::size_t>(a)][static_cast<std::size_t>(s)] -
                               scores[static_cast<std::size_t>(b)][static_cast<std::size_t>(s)],
                           0});
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
