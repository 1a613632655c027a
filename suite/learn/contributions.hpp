// What single test examples contribute to a score that is no mean over examples (a pooled F, an average precision). A report
// takes them for per-example scores: their spread says how much another test set would move the score. LibTorch-free.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "learn/reporter.hpp"

namespace assay::learn {

// Jackknife pseudo-values n all - (n - 1) without(i) (Tukey, 1958), shifted so that their mean is `all` itself.
// `without(i)`: the score of the n - 1 other examples. One example contributes the score.
std::vector<double> contributions(std::size_t n, double all,
                                  const std::function<double(std::size_t left_out)>& without);

// Stores them as the prediction "contribution:<metric>", f32 [n].
void report_contributions(Reporter& reporter, const std::string& metric, const std::vector<double>& values);

}  // namespace assay::learn
