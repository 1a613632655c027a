#include "core/streams.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/hash.hpp"

namespace assay {
namespace {

// The first outputs of SplitMix64 from the state 1234567, as published with several implementations of it.
TEST(Streams, BitsAreThoseOfSplitMix64) {
  Stream stream(1234567);
  EXPECT_EQ(stream.bits(), 6457827717110365317u);
  EXPECT_EQ(stream.bits(), 3203168211198807973u);
  EXPECT_EQ(stream.bits(), 9817491932198370423u);
  EXPECT_EQ(stream.bits(), 4593380528125082431u);
  EXPECT_EQ(stream.bits(), 16408922859458223821u);
}

TEST(Streams, ANameGivesItsOwnGenerator) {
  const Streams streams(7);
  EXPECT_EQ(streams.seed_of("init"), std::stoull(sha256("assay-stream|7|init").substr(0, 16), nullptr, 16));
  EXPECT_EQ(streams.stream("init").bits(), Streams(7).stream("init").bits());
  EXPECT_NE(streams.stream("init").bits(), streams.stream("order").bits());
  EXPECT_NE(streams.stream("init").bits(), Streams(8).stream("init").bits());
}

// With n = 60,000 draws the standard error of the mean of a uniform value is 0.0012, that of a normal one 0.0041; the
// limits are about five of them.
TEST(Streams, UniformAndNormalHaveTheirMoments) {
  constexpr int n = 60000;
  Stream stream(1);
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double value = stream.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.006);
  double first = 0, second = 0;
  for (int i = 0; i < n; ++i) {
    const double value = stream.normal();
    first += value;
    second += value * value;
  }
  EXPECT_NEAR(first / n, 0, 0.02);
  EXPECT_NEAR(second / n, 1, 0.03);
}

TEST(Streams, NormalIsBoxMullerCosineThenSine) {
  Stream stream(42), same(42);
  const double u = 1 - same.uniform(), v = same.uniform();
  const double radius = std::sqrt(-2 * std::log(u)), angle = 2 * std::acos(-1.0) * v;
  const double first = stream.normal(), second = stream.normal();
  EXPECT_NEAR(first * first + second * second, radius * radius, 1e-9);
  EXPECT_NEAR(first, radius * std::cos(angle), 1e-9);
  EXPECT_NEAR(second, radius * std::sin(angle), 1e-9);
}

TEST(Streams, BelowIsUniformAndInRange) {
  Stream stream(3);
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 30000; ++i) ++counts[stream.below(3)];
  ASSERT_EQ(counts.size(), 3u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 10000, 400);  // five standard errors
  EXPECT_EQ(stream.below(1), 0u);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;  // half of all bits must be rejected
  for (int i = 0; i < 100; ++i) EXPECT_LT(stream.below(large), large);
}

TEST(Streams, PermutationsHoldEachIndexOnceAndAreEquallyLikely) {
  auto permutation = Stream(5).permutation(100);
  EXPECT_EQ(Stream(5).permutation(100), permutation);
  std::sort(permutation.begin(), permutation.end());
  std::vector<std::int64_t> ascending(100);
  std::iota(ascending.begin(), ascending.end(), 0);
  EXPECT_EQ(permutation, ascending);
  EXPECT_TRUE(Stream(5).permutation(0).empty());
  std::map<std::vector<std::int64_t>, int> counts;
  Stream stream(9);
  for (int i = 0; i < 6000; ++i) ++counts[stream.permutation(3)];
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 150);
}

// From an independent implementation (Python's integers and hashlib). Other numbers would change the meaning of all
// stored seeds.
TEST(Streams, NeverChange) {
  EXPECT_EQ(Streams(0).seed_of("split"), 3819957108526027236u);
  EXPECT_EQ(Streams(0).stream("split").permutation(8), (std::vector<std::int64_t>{7, 4, 2, 3, 1, 6, 0, 5}));
}

}  // namespace
}  // namespace assay
