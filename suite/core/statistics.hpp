// The tests behind a ranking. Nothing here knows a metric, a method or a page.
//
// What is compared. A pair of methods is compared on the seeds that both ran: same split, same corruption, same initial
// weights. A seed's difference varies for two reasons, and a claim about methods has to survive both: another training
// run would differ (seeds), and another test set would (examples).
//
// S1  The standard error of the mean difference is that of the paired hierarchical bootstrap: seeds are drawn again,
// then
//     examples within each. The mean is linear in what is drawn, so the bootstrap's variance is known in closed form,
//     s^2/n over seeds + v/n over examples (v: mean example variance of a seed's difference), and no draws are needed.
//     The resampling factor (n-1)/n of the seed part is undone: with 3 seeds the plain bootstrap is a third too sure.
// S2  Where seeds share a test set their s^2 lacks the part of v that is common, where each has its own s^2 holds v
// already:
//     adding it errs on the careful side.
// S3  With 3 seeds s^2 itself is hardly known. It is moderated by the other pairs of the setting (Smyth, Statistical
//     Applications in Genetics and Molecular Biology 3(1), 2004): a scaled inverse chi-squared prior is fitted to all
//     pairs' variances and lends its degrees of freedom. Pairs overlap, so the total is capped at the (k-1)(n-1) that k
//     methods on n seeds really have; and a pair's variance is never taken as smaller than its own, since a method that
//     sometimes collapses is not made steady by its neighbours.
// S4  The statistic is compared with Student's t, not with bootstrap percentiles, which are too narrow for few seeds.
// S5  One seed gives no test: p = 1 and no interval.
// S6  All pairs of a table are corrected together (Holm). The rank of m ranges from 1 + (number of methods
// significantly better)
//     to k - (number significantly worse); with Holm's family-wise level all ranges hold at once.
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

// What one shared seed says about methods a and b: score(a) - score(b), and the variance that drawing the test examples
// again would give this difference (0 where predictions are not stored).
struct SeedDifference {
  double difference = 0, example_variance = 0;
};

// Of the difference of two shares of right answers, in units of `scale` (100 for %): `gained` examples are right only
// for a, `lost` only for b, of `n`. An example contributes +1, -1 or 0, so this is (p+ + p- - (p+ - p-)^2) / n.
double example_variance(std::size_t gained, std::size_t lost, std::size_t n, double scale);

struct PairedDifference {
  std::size_t n = 0;
  double mean = 0;
  double seed_variance = 0;     // s^2, unbiased; 0 where n < 2
  double example_variance = 0;  // v: mean over seeds
};
PairedDifference paired_difference(std::span<const SeedDifference> seeds);

// S3: what the pairs of a table say together about s^2. freedom 0: nothing (each pair stands alone).
struct VariancePrior {
  double variance = 0, freedom = 0;
  double freedom_cap = 0;  // of prior and pair together
};
VariancePrior fit_variance_prior(std::span<const PairedDifference> pairs, double freedom_cap);

struct Comparison {
  double difference = 0, standard_error = 0, freedom = 0;
  double p = 1;
  std::optional<Interval> interval;  // 95 %, of this pair alone; none where n < 2
  std::size_t n = 0;
};
Comparison compare(const PairedDifference& pair, const VariancePrior& prior);

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
