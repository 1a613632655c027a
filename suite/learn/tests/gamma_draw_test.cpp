#include "learn/gamma_draw.hpp"

#include <gtest/gtest.h>

namespace assay::learn {
namespace {

struct Moments {
  double mean = 0, variance = 0, smallest = 0;
};

Moments moments(double shape) {
  constexpr int kDraws = 40000;
  Stream stream(7);
  double sum = 0, squares = 0, smallest = 1e300;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = gamma_draw(shape, stream);
    sum += draw;
    squares += draw * draw;
    smallest = std::min(smallest, draw);
  }
  const double mean = sum / kDraws;
  return {mean, squares / kDraws - mean * mean, smallest};
}

TEST(GammaDraw, HasTheShapeAsMeanAndVariance) {
  for (const double shape : {0.1, 0.7, 1.0, 3.5, 100.0}) {
    const auto [mean, variance, smallest] = moments(shape);
    EXPECT_NEAR(mean / shape, 1, 4 / std::sqrt(40000 * shape)) << shape;  // four standard errors
    EXPECT_NEAR(variance / shape, 1, 4 * std::sqrt((2 + 6 / shape) / 40000)) << shape;
    EXPECT_GE(smallest, 0) << shape;
  }
}

TEST(GammaDraw, OfShapeOneIsExponential) {
  Stream stream(3);
  int above = 0;
  for (int i = 0; i < 20000; ++i) above += gamma_draw(1, stream) > 1;
  EXPECT_NEAR(above / 20000.0, std::exp(-1), 0.014);
}

TEST(GammaDraw, RepeatsFromTheSameStream) {
  Stream a(5), b(5);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(gamma_draw(0.3, a), gamma_draw(0.3, b));
}

}  // namespace
}  // namespace assay::learn
