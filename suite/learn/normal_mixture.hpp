// Mixtures of k normal distributions on a line, by expectation-maximisation: what scikit-learn's GaussianMixture gives,
// but for the start. LibTorch-free.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace assay::learn {

struct NormalMixtureSettings {
  int iterations = 10;
  double tolerance = 1e-2;       // of the mean log-likelihood's change
  double regularisation = 5e-4;  // added to each variance
};

struct NormalMixture {
  std::vector<double> weight, mean, variance;  // [k]
  std::vector<std::vector<double>> posterior;  // [k][n]
  double log_likelihood = 0;                   // mean over the values, at the last evaluation
  int iterations = 0;

  std::size_t lowest() const;   // the component with the smallest mean; of equal ones the first
  std::size_t highest() const;  // the component with the largest mean; of equal ones the first
};

// Starts from Lloyd's algorithm begun at the quantiles (j + 1/2) / k; draws nothing. At least one value, all finite
// (NonFinite otherwise). With fewer distinct values than components posteriors are 0 or 1: a component a value, and the
// largest value's is `highest`. A posterior need not rise with the value: where variances differ, the component with
// the larger mean can lose the largest values.
NormalMixture fit_normal_mixture(std::span<const double> values, std::size_t components,
                                 const NormalMixtureSettings& settings = {});

// From given responsibilities [k][n] instead.
NormalMixture refine_normal_mixture(std::span<const double> values, std::vector<std::vector<double>> start,
                                    const NormalMixtureSettings& settings = {});

}  // namespace assay::learn
