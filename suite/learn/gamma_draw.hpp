// Gamma-distributed numbers from a named stream, since std::gamma_distribution differs between libraries.
// LibTorch-free.
#pragma once

#include <cmath>

#include "core/streams.hpp"

namespace assay::learn {

// Of the given shape (above 0) and scale 1: mean and variance are the shape. Marsaglia and Tsang, ACM TOMS 2000; a
// shape below 1 by way of shape + 1, their section 6.
inline double gamma_draw(double shape, Stream& stream) {
  if (shape < 1) {
    const double boost = std::pow(1 - stream.uniform(), 1 / shape);
    return gamma_draw(shape + 1, stream) * boost;
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = stream.normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, u = 1 - stream.uniform();
    if (std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace assay::learn
