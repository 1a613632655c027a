// The Weibull fit of extreme value recognition (Scheirer et al., libMR; Bendale and Boult, CVPR 2016). LibTorch-free.
#pragma once

#include <span>
#include <vector>

namespace assay::learn {

struct WeibullTail {
  double shape = 0, scale = 0, shift = 0;
  double cdf(double distance) const;  // of distance + shift; 0 where that is not positive
};

// Maximum likelihood of the `size` largest distances (all, where there are fewer), shifted by 1 - their minimum. Shape
// is capped at 1e3, which equal distances and single ones get: a step. At least one distance, none negative.
WeibullTail fit_weibull_tail(std::vector<double> distances, std::size_t size);

}  // namespace assay::learn
