#include "vision/clustering.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/streams.hpp"

namespace assay::vision {
namespace {

std::vector<float> normal_points(std::size_t values, std::uint64_t seed) {
  Stream stream(seed);
  std::vector<float> points(values);
  for (auto& value : points) value = static_cast<float>(stream.normal());
  return points;
}

double squared_distance(const std::vector<float>& points, std::int64_t i, const std::vector<float>& centres,
                        std::int64_t j, std::int64_t d) {
  double sum = 0;
  for (std::int64_t k = 0; k < d; ++k) {
    sum += std::pow(points[static_cast<std::size_t>(i * d + k)] - centres[static_cast<std::size_t>(j * d + k)], 2);
  }
  return sum;
}

TEST(KMeans, FindsTwoGroups) {
  const std::vector<float> points{0, 1, 2, 10, 11, 12};
  for (const std::uint64_t seed : {0, 1, 2, 3}) {
    const auto clusters = k_means(points, 6, 2, seed);
    auto centres = clusters.centres;
    std::sort(centres.begin(), centres.end());
    EXPECT_EQ(centres, (std::vector<float>{1, 11}));
    EXPECT_NEAR(clusters.inertia, 4, 1e-6);
    for (const std::size_t i : {1u, 2u}) EXPECT_EQ(clusters.of[i], clusters.of[0]);
    for (const std::size_t i : {4u, 5u}) EXPECT_EQ(clusters.of[i], clusters.of[3]);
    EXPECT_NE(clusters.of[0], clusters.of[3]);
  }
}

TEST(KMeans, AssignsEachPointToItsNearestCentreWhichIsTheMean) {
  constexpr std::int64_t kPoints = 60, kWidth = 3, kClusters = 4;
  const auto points = normal_points(kPoints * kWidth, 1);
  const auto clusters = k_means(points, kPoints, kClusters, 7);
  double inertia = 0;
  std::vector<double> sum(kClusters * kWidth, 0), count(kClusters, 0);
  for (std::int64_t i = 0; i < kPoints; ++i) {
    const auto of = clusters.of[static_cast<std::size_t>(i)];
    const double own = squared_distance(points, i, clusters.centres, of, kWidth);
    for (std::int64_t j = 0; j < kClusters; ++j) {
      EXPECT_LE(own, squared_distance(points, i, clusters.centres, j, kWidth) + 1e-5);
    }
    inertia += own;
    ++count[static_cast<std::size_t>(of)];
    for (std::int64_t k = 0; k < kWidth; ++k) {
      sum[static_cast<std::size_t>(of * kWidth + k)] += points[static_cast<std::size_t>(i * kWidth + k)];
    }
  }
  EXPECT_NEAR(clusters.inertia, inertia, 1e-4);
  for (std::size_t c = 0; c < sum.size(); ++c) EXPECT_NEAR(clusters.centres[c], sum[c] / count[c / kWidth], 1e-5);
}

TEST(KMeans, DependsOnTheSeedAlone) {
  const auto points = normal_points(200, 2);
  const auto a = k_means(points, 100, 8, 5);
  k_means(points, 100, 3, 9);  // draws in between do not matter
  const auto b = k_means(points, 100, 8, 5);
  EXPECT_EQ(a.of, b.of);
  EXPECT_EQ(a.centres, b.centres);
  EXPECT_NE(a.centres, k_means(points, 100, 8, 6).centres);
}

TEST(KMeans, RestartsNeverRaiseTheInertia) {
  const auto points = normal_points(200, 3);
  double before = k_means(points, 100, 8, 5).inertia;
  for (const int restarts : {2, 4, 8}) {
    const double inertia = k_means(points, 100, 8, 5, restarts).inertia;
    EXPECT_LE(inertia, before);
    before = inertia;
  }
}

TEST(KMeans, OfAsManyClustersAsPointsHasNoInertia) {
  const std::vector<float> points{5, 1, 3};
  auto clusters = k_means(points, 3, 3, 1);
  EXPECT_EQ(clusters.inertia, 0);
  std::sort(clusters.of.begin(), clusters.of.end());
  EXPECT_EQ(clusters.of, (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(KMeans, OfOneClusterIsTheMean) {
  EXPECT_EQ(k_means(std::vector<float>{0, 2, 4, 10}, 2, 1, 1).centres, (std::vector<float>{2, 6}));
}

TEST(KMeans, TakesEqualPoints) { EXPECT_EQ(k_means(std::vector<float>(6, 2), 6, 2, 1).inertia, 0); }

TEST(KMeans, RefusesTooManyClustersAndBrokenRows) {
  const std::vector<float> points{0, 1, 2};
  EXPECT_THROW(k_means(points, 3, 0, 1), std::invalid_argument);
  EXPECT_THROW(k_means(points, 3, 4, 1), std::invalid_argument);
  EXPECT_THROW(k_means(points, 2, 1, 1), std::invalid_argument);
  EXPECT_THROW(k_means({}, 0, 1, 1), std::invalid_argument);
}

}  // namespace
}  // namespace assay::vision
