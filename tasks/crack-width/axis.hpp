// The main axis of a set of points: by principal components, and by the low-rank part of a robust decomposition.
#pragma once

#include <span>
#include <vector>

#include "crack-width/chord.hpp"

namespace assay::crack_width {

using Points = std::vector<Place>;

Points centred(std::span<const Pixel> points);  // less their mean

struct Axis {
  double angle = 0;             // radians, along the direction of largest spread
  double major = 0, minor = 0;  // eigenvalues of the scatter matrix sum p p^T, not divided by the number of points
};
Axis principal_axis(const Points& centred_points);

double angle_between(double a, double b);  // of two axes: 0..pi/2

// min |L|_* + lambda |S|_1 with M = L + S and lambda = c / sqrt(N), by ADMM with a fixed penalty
// mu = 2N / (4 sum |M_ij|). Stops when both residuals are below 1e-5 |M|_F, or after 500 iterations.
struct LowRank {
  Points low_rank;  // L
  int iterations = 0;
};
LowRank low_rank_part(const Points& points, double c);

double frobenius(const Points& points);

}  // namespace assay::crack_width
