// A mixture of two normal distributions on a line: tells small losses from large ones.
//
// Gives what scikit-learn's GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4) gives, but for the start, which
// is the exact two-means split instead of random k-means. OpenCV, Armadillo and mlpack fit mixtures too, but none adds
// a term to the variances and stops by this rule.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace assay::learn {

struct Mixture {
  std::array<double, 2> weight{}, mean{}, variance{};  // of the values scaled to [0, 1]; component 0 starts lower
  int iterations = 0;
  std::vector<double> low;  // per value: the posterior of the component with the smaller mean
};

// Empty where all values are equal: there is nothing to tell apart.
Mixture fit_mixture(std::span<const double> values);

// Posterior that a value is clean. All are 1 where the values are equal.
enum class Clean { kSmall, kLarge };  // losses, margins
std::vector<double> clean_probability(std::span<const double> values, Clean clean);

}  // namespace assay::learn
