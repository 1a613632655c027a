// The tests behind a ranking. Nothing here knows a metric, a method or a page.
//
// What is compared. A pair of methods is compared on the seeds that both ran: same split, same corruption, same initial
// weights. A seed's difference varies for two reasons, and a claim about methods has to survive both: another training
// run would differ (seeds), and another test set would (examples).
//
// S1  The variance of the mean difference has two parts: s^2/n from seeds, and v from examples. Seeds share a test set, so
//     that another one would move all of them together: v is the variance of the examples' differences, each averaged
//     over seeds, over the number of examples. It does not shrink with more seeds. (A bootstrap that draws examples anew
//     within each seed, as papers do, divides it by n, and is too sure wherever the test set is the larger noise.)
// S2  Where each seed has a test set of its own, v is the mean of their variances over n. What training does to single
//     examples is in s^2 and in v both: adding errs on the careful side, by v/n at most.
// S3  With 3 seeds s^2 itself is hardly known. It is moderated by the other pairs of the setting (Smyth, Statistical
//     Applications in Genetics and Molecular Biology 3(1), 2004): a scaled inverse chi-squared prior is fitted to all
//     pairs' variances and lends its degrees of freedom. Pairs overlap, so the total is capped at the (k-1)(n-1) that k
//     methods on n seeds really have; and a pair's variance is never taken as smaller than its own, since a method that
//     sometimes collapses is not made steady by its neighbours.
// S4  The statistic is compared with Student's t, not with bootstrap percentiles, which are too narrow for few seeds. Its
//     freedom is Welch and Satterthwaite's of the two parts: few seeds cost little where examples are the larger noise.
// S5  One seed gives no test, p = 1 and no interval, except under S7.
// S6  All pairs of a table are corrected together (Holm). The rank of m ranges from 1 + (number of methods that are
//     significantly better) to k - (number significantly worse); with Holm's family-wise level all ranges hold at once.
// S7  A method that draws nothing answers every seed alike. Of a pair of such methods the seed variance is known to be
//     zero: equal differences are one measurement, however many seeds repeat it, and its only noise is that of the
//     examples. Its standard error is sqrt(v), its freedom one less than there are examples; without v there is no
//     test. Where such a pair's differences do vary, the seed draws the data, and S1 holds with the pair's own
//     variance. These pairs say nothing about the noise of training: S3 neither hears nor moderates them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace assay {

struct Interval {
  double low = 0, high = 0;
};

// 0 < p < 1; infinite freedom is the normal distribution.
double t_quantile(double p, double freedom);
double t_two_sided(double t, double freedom);  // P(|T| >= |t|)

struct Summary {
  std::size_t n = 0;
  double mean = 0, sd = 0;           // 0 where n = 0; sd 0 where n = 1
  std::optional<Interval> interval;  // 95 % t-interval of the mean; none where n < 2
};
Summary summarise(std::span<const double> values);

// The variance that drawing the test examples again would give a score, a difference, or their mean over seeds.
struct ExampleNoise {
  double variance = 0;
  std::size_t examples = 0;  // 0: not known
};
// Of a mean over examples: the values' unbiased variance over their number; 0 for fewer than two.
ExampleNoise example_noise(std::span<const double> values);

struct PairedDifference {
  std::size_t n = 0;  // seeds that both ran
  double mean = 0;
  double seed_variance = 0;    // s^2, unbiased; 0 where n < 2
  ExampleNoise examples;       // v, of the mean
  bool deterministic = false;  // neither method draws anything: S7
};
// `differences`: score(a) - score(b) of each shared seed.
PairedDifference paired_difference(std::span<const double> differences, ExampleNoise examples = {},
                                   bool deterministic = false);

// S3: what the pairs of a table say together about s^2. freedom 0: nothing (each pair stands alone).
struct VariancePrior {
  double variance = 0, freedom = 0;
  double freedom_cap = 0;  // of prior and pair together
};
VariancePrior fit_variance_prior(std::span<const PairedDifference> pairs, double freedom_cap);

struct Comparison {
  double difference = 0, standard_error = 0, freedom = 0;
  double p = 1;
  std::optional<Interval> interval;  // 95 %, of this pair alone; none where there is no test
  std::size_t n = 0;                 // seeds
  std::size_t examples = 0;          // S7: of a test that counts the examples' noise alone; 0: of any other
};
Comparison compare(const PairedDifference& pair, const VariancePrior& prior);

// 95 % t-interval of a score with this noise, for a method that draws nothing (S7). Needs two examples.
Interval example_interval(double score, const ExampleNoise& noise);

std::vector<double> holm(std::span<const double> p);  // adjusted p-values, in the order given

struct RankRange {
  std::size_t best = 1, worst = 1;
  friend bool operator==(const RankRange&, const RankRange&) = default;
};
// One decided pair: `winner` is better than `loser` beyond the corrected level.
struct Separation {
  std::size_t winner = 0, loser = 0;
};
std::vector<RankRange> rank_ranges(std::size_t methods, std::span<const Separation> separations);

double median(std::vector<double> values);              // NaN where empty
double interquartile_mean(std::vector<double> values);  // of the middle half, edges weighted; NaN where empty

struct Aggregate {
  double value = 0;
  Interval interval;
};
// Interquartile mean over all strata, with the 95 % percentile interval of a bootstrap that draws again within each
// stratum (Agarwal et al., NeurIPS 2021: strata are settings, values are seeds).
Aggregate stratified_iqm(const std::vector<std::vector<double>>& strata, std::uint64_t seed, std::size_t draws);

// A seed for a bootstrap, from what it is about: pages are a function of the store.
std::uint64_t bootstrap_seed(const std::vector<std::string>& keys);

}  // namespace assay
