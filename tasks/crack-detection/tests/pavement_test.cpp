#include "crack-detection/pavement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "crack-detection/noise.hpp"
#include "crack-detection/splitmix.hpp"
#include "crack-detection/walk.hpp"
#include "vision/distance.hpp"
#include "vision/regions.hpp"

namespace assay::cracks {
namespace {

std::int64_t crack_pixels(const vision::Mask& mask) {
  return std::accumulate(mask.values.begin(), mask.values.end(), std::int64_t{0});
}

double mean_grey(const vision::Grey& image) {
  return std::accumulate(image.values.begin(), image.values.end(), 0.0) / static_cast<double>(image.size());
}

TEST(PavementRandom, GivesThePublishedNumbers) {
  SplitMix zero(0), forty_two(42);
  EXPECT_EQ(zero.next(), 0xe220a8397b1dcdafU);
  EXPECT_EQ(zero.next(), 0x6e789e6aa1b965f4U);
  EXPECT_EQ(zero.next(), 0x06c45d188009454fU);
  for (const double u : {0.7415648787718233, 0.1599103928769201, 0.27860113025513866}) {
    EXPECT_EQ(forty_two.uniform(), u);
  }
  EXPECT_EQ(SplitMix::derive(7, {1, 2}).next(), 0x2fc309358dce2edaU);
}

TEST(PavementRandom, NormalTakesTwoDrawsEachTime) {
  SplitMix once(3), twice(3);
  once.normal(0, 1);
  twice.next(), twice.next();
  EXPECT_EQ(once.next(), twice.next());
}

TEST(PavementRandom, RangesHold) {
  SplitMix random(1);
  double sum = 0, squares = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const auto whole = random.below(4);
    EXPECT_TRUE(whole >= 0 && whole < 4);
    const double width = random.log_uniform(1.3, 4.2), normal = random.normal(2, 3);
    EXPECT_TRUE(width >= 1.3 && width <= 4.2);
    sum += normal;
    squares += (normal - 2) * (normal - 2);
  }
  EXPECT_NEAR(sum / kDraws, 2, 0.1);
  EXPECT_NEAR(squares / kDraws, 9, 0.4);
}

// The definition, one value at a time.
TEST(PavementNoise, FollowsItsDefinition) {
  constexpr std::int64_t kHeight = 9, kWidth = 14, kRows = 6, kColumns = 8;
  constexpr double kCell = 2.5;
  SplitMix random(11), again(11);
  const auto noise = smooth_noise(random, kHeight, kWidth, kCell);
  std::array<std::array<double, kColumns>, kRows> node{};
  for (auto& row : node) {
    for (auto& value : row) value = again.uniform(-1, 1);
  }
  const double ox = again.uniform(), oy = again.uniform();
  const auto smooth = [](double f) { return f * f * (3 - 2 * f); };
  for (std::int64_t i = 0; i < kHeight; ++i) {
    for (std::int64_t j = 0; j < kWidth; ++j) {
      const double y = static_cast<double>(i) / kCell + oy, x = static_cast<double>(j) / kCell + ox;
      const auto r = static_cast<std::size_t>(y), c = static_cast<std::size_t>(x);
      const double down = smooth(y - std::floor(y)), right = smooth(x - std::floor(x));
      const double expected = node[r][c] * (1 - down) * (1 - right) + node[r][c + 1] * (1 - down) * right +
                              node[r + 1][c] * down * (1 - right) + node[r + 1][c + 1] * down * right;
      EXPECT_NEAR(noise(i, j), expected, 1e-12);
    }
  }
  EXPECT_EQ(random.next(), again.next());
}

TEST(PavementNoise, AlongALineHasOneNodeMore) {
  SplitMix random(4), again(4);
  const auto noise = smooth_noise(random, 40, 7);
  std::array<double, 9> node{};
  for (auto& value : node) value = again.uniform(-1, 1);
  const double offset = again.uniform();
  ASSERT_EQ(noise.size(), 41u);
  for (std::size_t t = 0; t < noise.size(); ++t) {
    const double x = static_cast<double>(t) / 7 + offset, f = x - std::floor(x);
    const auto cell = static_cast<std::size_t>(x);
    EXPECT_NEAR(noise[t], node[cell] + (node[cell + 1] - node[cell]) * f * f * (3 - 2 * f), 1e-12);
  }
  EXPECT_EQ(random.next(), again.next());
}

// Check values of the specification, which come from its prototype; another libm may move a mask by a pixel or two.
TEST(PavementImage, AgreesWithTheCheckValues) {
  struct Check {
    std::int64_t pixels;
    std::size_t cracks;
    double grey;
  };
  const std::vector<Check> checks{{339, 3, 152.0}, {0, 0, 94.6},    {460, 3, 96.1},
                                  {202, 3, 131.8}, {845, 8, 126.0}, {275, 2, 114.8}};
  for (std::size_t index = 0; index < checks.size(); ++index) {
    const auto pavement = make_pavement(1, index, 128);
    EXPECT_NEAR(static_cast<double>(crack_pixels(pavement.mask)), static_cast<double>(checks[index].pixels), 2)
        << index;
    EXPECT_EQ(pavement.cracks.size(), checks[index].cracks) << index;
    EXPECT_NEAR(mean_grey(pavement.image), checks[index].grey, 0.06) << index;
  }
}

double crack_share(std::uint64_t seed, std::uint64_t count) {
  std::int64_t pixels = 0;
  for (std::uint64_t index = 0; index < count; ++index) pixels += crack_pixels(make_pavement(seed, index, 128).mask);
  return static_cast<double>(pixels) / static_cast<double>(count * 128 * 128);
}

TEST(PavementImage, SetsOfTheQuickTierHaveTheirShareOfCrack) {
  EXPECT_NEAR(crack_share(1001, 96), 0.0288, 0.00006);
  EXPECT_NEAR(crack_share(2001, 24), 0.0321, 0.00006);
}

TEST(PavementImage, RepeatsItselfAndHeedsSeedIndexAndSide) {
  const auto one = make_pavement(3, 4, 64);
  EXPECT_EQ(one.image, make_pavement(3, 4, 64).image);
  EXPECT_NE(one.image, make_pavement(3, 5, 64).image);
  EXPECT_NE(one.image, make_pavement(4, 4, 64).image);
  EXPECT_EQ(one.image.height, 64);
  EXPECT_EQ(one.mask.width, 64);
}

TEST(PavementImage, MaskIsWhereTheDistanceIsNotPositive) {
  const auto pavement = make_pavement(1, 4, 128);
  for (std::size_t i = 0; i < pavement.mask.size(); ++i) {
    EXPECT_EQ(pavement.mask.values[i] != 0, pavement.distance.values[i] <= 0);
  }
}

// Each crack alone, in a frame that holds all of it, before the outline is made rough: roughness may cut thin ones.
TEST(PavementCracks, AreConnected) {
  constexpr double kFrame = 10;
  for (std::uint64_t index = 0; index < 20; ++index) {
    for (auto crack : make_pavement(1001, index, 128).cracks) {
      for (auto& x : crack.x) x += kFrame;
      for (auto& y : crack.y) y += kFrame;
      const auto mask = inside(field_of({crack}, 128 + 2 * static_cast<std::int64_t>(kFrame)).distance);
      EXPECT_EQ(vision::components(mask).count, 1) << index;
    }
  }
}

TEST(PavementCracks, KeepTheirLimitsAndTaper) {
  std::size_t branches = 0;
  for (std::uint64_t index = 0; index < 20; ++index) {
    for (const auto& crack : make_pavement(1001, index, 128).cracks) {
      const auto [thinnest, widest] = std::minmax_element(crack.width.begin(), crack.width.end());
      EXPECT_GE(*thinnest, 1.2);
      EXPECT_LE(*widest, 6.0);
      EXPECT_NEAR(crack.width.back(), 1.2, 1e-12);
      EXPECT_EQ(crack.parent < 0, crack.generation == 0);
      EXPECT_TRUE(crack.parent >= 0 || std::abs(crack.width.front() - 1.2) < 1e-12);
      EXPECT_LE(crack.generation, 2);
      branches += crack.parent >= 0;
    }
  }
  EXPECT_GT(branches, 0u);
}

// Then there is a point more than there are steps.
TEST(PavementCracks, MayLeaveTheImageWithTheirLastStep) {
  WalkRules straight;
  straight.bend = straight.kink_chance = straight.branch_chance = 0;
  std::vector<Crack> cracks;
  SplitMix random(1);
  walk(random, straight, 16, {0, 8, 0, 20, 2}, cracks);
  EXPECT_EQ(cracks.at(0).x.size(), 21u);
  EXPECT_EQ(cracks.at(0).width.size(), 21u);
  EXPECT_NEAR(cracks.at(0).x.back(), 20, 1e-9);
}

TEST(PavementCracks, BranchesBeginOnTheirParents) {
  const auto cracks = make_pavement(1, 4, 128).cracks;
  for (const auto& crack : cracks) {
    if (crack.parent < 0) continue;
    const auto& parent = cracks[static_cast<std::size_t>(crack.parent)];
    const auto at = std::find(parent.x.begin(), parent.x.end(), crack.x.front()) - parent.x.begin();
    ASSERT_LT(static_cast<std::size_t>(at), parent.x.size());
    EXPECT_EQ(parent.y[static_cast<std::size_t>(at)], crack.y.front());
    const double turn = std::abs(crack.theta.front() - parent.theta[static_cast<std::size_t>(at)]) / kDegree;
    EXPECT_GE(turn, 25);
    EXPECT_LE(turn, 75);
    EXPECT_EQ(crack.generation, parent.generation + 1);
  }
}

// A straight crack across the middle: the distance to its edge is known.
TEST(PavementCracks, DistanceIsToTheEdge) {
  Crack crack;
  for (int t = 0; t < 32; ++t) {
    crack.x.push_back(t), crack.y.push_back(16), crack.theta.push_back(0);
    crack.width.push_back(5), crack.contrast.push_back(0.3);
  }
  const auto field = field_of({crack}, 32);
  for (std::int64_t away = 0; away < 5; ++away) {
    EXPECT_NEAR(field.distance(16 + away, 20), static_cast<double>(away) - 2.5, 1e-12);
    EXPECT_NEAR(field.contrast(16 - away, 20), 0.3, 1e-12);
  }
  EXPECT_EQ(field.distance(0, 0), 1e9);
  EXPECT_EQ(crack_pixels(inside(field.distance)), 5 * 32);
}

struct SceneSet {
  std::size_t points = 0, irregular = 0;
  double mean_width = 0;
};

SceneSet scene_set(Edges edges) {
  SceneSet set;
  for (std::uint64_t index = 0; index < 12; ++index) {
    for (const auto& point : make_width_scene(5, index, 256, edges).points) {
      ++set.points;
      set.irregular += point.irregular;
      set.mean_width += point.width;
    }
  }
  set.mean_width /= static_cast<double>(set.points);
  return set;
}

// Check values of the specification. A point at the edge of a mask may come or go with libm.
TEST(PavementScene, AgreesWithTheCheckValues) {
  const auto clean = scene_set(Edges::kClean), rough = scene_set(Edges::kRough);
  EXPECT_NEAR(static_cast<double>(clean.points), 604, 1);
  EXPECT_NEAR(static_cast<double>(rough.points), 356, 1);
  EXPECT_NEAR(clean.mean_width, 5.1, 0.05);
  EXPECT_NEAR(rough.mean_width, 5.1, 0.05);
  EXPECT_NEAR(static_cast<double>(clean.irregular), 302, 30);
  EXPECT_NEAR(static_cast<double>(rough.irregular), 178, 18);
}

TEST(PavementScene, PointsLieInTheMaskAwayFromItsBorder) {
  for (const auto edges : {Edges::kClean, Edges::kRough}) {
    for (std::uint64_t index = 0; index < 4; ++index) {
      const auto scene = make_width_scene(5, index, 256, edges);
      for (const auto& point : scene.points) {
        EXPECT_TRUE(scene.mask(point.y, point.x));
        EXPECT_GE(std::min(point.x, point.y), 22);
        EXPECT_LE(std::max(point.x, point.y), 255 - 22);
        EXPECT_TRUE(point.width >= 2.5 && point.width <= 18);
      }
    }
  }
}

TEST(PavementScene, BothEdgesShareTheirCracks) {
  const auto clean = make_width_scene(5, 1, 256, Edges::kClean), rough = make_width_scene(5, 1, 256, Edges::kRough);
  ASSERT_EQ(clean.cracks.size(), rough.cracks.size());
  for (std::size_t c = 0; c < clean.cracks.size(); ++c) {
    EXPECT_EQ(clean.cracks[c].width, rough.cracks[c].width);
    EXPECT_LE(clean.cracks[c].generation, 1);
  }
  EXPECT_NE(clean.mask, rough.mask);
}

// The mask is as wide at a point as the truth says, but for the pixel grid.
TEST(PavementScene, WidthsAreThoseOfTheMask) {
  double error = 0, count = 0;
  for (std::uint64_t index = 0; index < 12; ++index) {
    const auto scene = make_width_scene(5, index, 256, Edges::kClean);
    auto background = scene.mask;
    for (auto& value : background.values) value = !value;
    const auto distance = vision::squared_distance(background);
    for (const auto& point : scene.points) {
      error += 2 * std::sqrt(static_cast<double>(distance(point.y, point.x))) - point.width;
      count += 1;
    }
  }
  EXPECT_NEAR(error / count, 0, 0.5);
}

}  // namespace
}  // namespace assay::cracks
