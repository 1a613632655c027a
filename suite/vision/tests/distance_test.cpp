#include "vision/distance.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pictures.hpp"

namespace assay::vision {
namespace {

struct Point {
  std::int64_t row, column;
};

std::vector<Point> points_of(const Mask& mask) {
  std::vector<Point> points;
  for (std::int64_t i = 0; i < mask.height; ++i) {
    for (std::int64_t j = 0; j < mask.width; ++j) {
      if (mask(i, j)) points.push_back({i, j});
    }
  }
  return points;
}

std::int64_t nearest_square(const std::vector<Point>& points, std::int64_t row, std::int64_t column) {
  std::int64_t best = kUnreachable;
  for (const auto& p : points) {
    best = std::min(best, (p.row - row) * (p.row - row) + (p.column - column) * (p.column - column));
  }
  return best;
}

void expect_exact(const Mask& mask, std::int64_t every = 1) {
  const auto points = points_of(mask);
  const auto squares = squared_distance(mask);
  ASSERT_EQ(squares.height, mask.height);
  ASSERT_EQ(squares.width, mask.width);
  for (std::int64_t k = 0; k < static_cast<std::int64_t>(mask.size()); k += every) {
    const std::int64_t i = k / mask.width, j = k % mask.width;
    ASSERT_EQ(squares(i, j), nearest_square(points, i, j))
        << mask.height << "x" << mask.width << " at " << i << "," << j;
  }
}

TEST(Distance, OfOnePixel) {
  EXPECT_EQ(squared_distance(mask_of({"....", ".#..", "...."})).values,
            (std::vector<std::int64_t>{2, 1, 2, 5, 1, 0, 1, 4, 2, 1, 2, 5}));
}

TEST(Distance, ToAnEmptyMaskIsUnreachable) {
  for (const auto value : squared_distance(Mask(3, 5)).values) EXPECT_EQ(value, kUnreachable);
  EXPECT_EQ(squared_distance(Mask()).size(), 0u);
}

TEST(Distance, IsExactOnSmallMasks) {
  Stream stream(1);
  for (int round = 0; round < 400; ++round) {
    const auto height = 1 + static_cast<std::int64_t>(stream.below(20)),
               width = 1 + static_cast<std::int64_t>(stream.below(20));
    expect_exact(random_mask(stream, height, width, stream.uniform() * stream.uniform()));
  }
}

TEST(Distance, IsExactOnPhotographs) {
  Stream stream(2);
  for (const double share : {1e-5, 1e-4, 2e-3}) expect_exact(random_mask(stream, 320, 480, share), 7);
}

// Where single precision fails: squares above 2^22 have no root that squares back to them.
TEST(Distance, IsExactAcrossLargePictures) {
  Mask mask(1500, 2200);
  mask(0, 0) = mask(1, 1) = 1;
  expect_exact(mask, 1009);
  EXPECT_EQ(squared_distance(mask)(1499, 2199), 1498 * 1498 + 2198 * 2198);
}

}  // namespace
}  // namespace assay::vision
