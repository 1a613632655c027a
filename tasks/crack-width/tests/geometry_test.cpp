// Chords, axes, robust axes: numbers from section 5 of the specification, worked out by hand there.
#include <gtest/gtest.h>

#include <cmath>

#include "crack-width/patch.hpp"
#include "crack-width/tests/synthetic.hpp"

namespace assay::crack_width {
namespace {

constexpr double kPi = std::numbers::pi;

double degrees(double angle) { return angle * 180 / kPi; }

// Two horizontal rows of 33 px, `apart` px from each other.
std::vector<Pixel> two_rows(std::int64_t apart) {
  std::vector<Pixel> points;
  for (const auto y : {-apart / 2, apart / 2}) {
    for (std::int64_t x = -16; x <= 16; ++x) points.push_back({x, y});
  }
  return points;
}

TEST(CrackWidthChord, IsExactAcrossAStrip) {
  for (std::int64_t rows = 1; rows <= 9; ++rows) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto found = chord(synthetic::strip(rows), {40, 20 + row}, kPi / 2);
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->width, static_cast<double>(rows), 1e-12) << rows << ' ' << row;
      EXPECT_NEAR(found->begin.y, 19.5, 1e-12);
      EXPECT_NEAR(found->end.y, 19.5 + static_cast<double>(rows), 1e-12);
    }
  }
}

// The interpolated edge is straight: at an angle the chord is longer by 1 / sin, but for the linear step across 0.5.
TEST(CrackWidthChord, IsLongerAtAnAngle) {
  for (const double angle : {30.0, 45.0, 60.0, 120.0}) {
    const auto found = chord(synthetic::strip(6), {40, 22}, angle * kPi / 180);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->width, 6 / std::sin(angle * kPi / 180), 1e-9);
  }
}

// 61 px to the other side are too far; beyond the image the edge's value goes on.
TEST(CrackWidthChord, HasNoLengthWhereARayDoesNotEnd) {
  EXPECT_TRUE(chord(synthetic::strip(60, 20, 140, 40), {20, 20}, kPi / 2));
  EXPECT_FALSE(chord(synthetic::strip(62, 20, 140, 40), {20, 20}, kPi / 2));
  EXPECT_FALSE(chord(synthetic::strip(6), {40, 22}, 0));
  EXPECT_FALSE(chord(synthetic::strip(4, 0), {40, 2}, kPi / 2));
  EXPECT_FALSE(shortest_chord(Mask(30, 30, 1), {15, 15}));
}

TEST(CrackWidthChord, StartsAtZeroOutsideTheMask) {
  EXPECT_EQ(chord(synthetic::strip(6), {40, 10}, kPi / 2)->width, 0);
}

TEST(CrackWidthAxis, OfSixPointsIsVerticalAlthoughTheStripIsHorizontal) {
  const std::vector<Pixel> points{{0, 0}, {1, 0}, {2, 0}, {0, 2}, {1, 2}, {2, 2}};
  const auto axis = principal_axis(centred(points));
  EXPECT_DOUBLE_EQ(axis.major, 6);
  EXPECT_DOUBLE_EQ(axis.minor, 4);
  EXPECT_DOUBLE_EQ(axis.angle, kPi / 2);
}

TEST(CrackWidthAxis, OfTwoRowsFlipsWhereTheyAreTooFarApart) {
  const auto near = principal_axis(centred(two_rows(6)));
  EXPECT_DOUBLE_EQ(near.major, 5984);
  EXPECT_DOUBLE_EQ(near.minor, 594);
  EXPECT_DOUBLE_EQ(near.angle, 0);
  const auto far = principal_axis(centred(two_rows(18)));
  EXPECT_DOUBLE_EQ(far.minor, 5346);
  EXPECT_DOUBLE_EQ(far.angle, 0);
  const auto too_far = principal_axis(centred(two_rows(20)));
  EXPECT_DOUBLE_EQ(too_far.major, 6600);
  EXPECT_DOUBLE_EQ(too_far.angle, kPi / 2);
}

TEST(CrackWidthAxis, AnglesAreComparedModulo180Degrees) {
  EXPECT_NEAR(angle_between(-0.49 * kPi, 0.49 * kPi), 0.02 * kPi, 1e-12);
  EXPECT_NEAR(angle_between(0.1, 0.3), 0.2, 1e-12);
  EXPECT_EQ(angle_between(0, kPi / 2), kPi / 2);
}

Points row() {  // [-16..16; 0]
  Points points;
  for (int x = -16; x <= 16; ++x) points.push_back({static_cast<double>(x), 0});
  return points;
}

TEST(CrackWidthRobustPca, CollapsesTrimsOrLeavesARow) {
  EXPECT_EQ(frobenius(low_rank_part(row(), 0.9).low_rank), 0);
  const auto whole = low_rank_part(row(), 2).low_rank;
  EXPECT_NEAR(frobenius(whole), 54.70, 0.005);
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(whole[i].x, row()[i].x, 1e-3);
  EXPECT_NEAR(frobenius(low_rank_part(row(), 1.5).low_rank), 52.66, 0.005);
}

TEST(CrackWidthRobustPca, FollowsAContaminatedStripBetterThanPca) {
  auto points = two_rows(6);
  for (std::int64_t y = 7; y <= 14; ++y) points.push_back({10, y});
  const auto m = centred(points);
  const auto robust = [&](double c) { return degrees(principal_axis(low_rank_part(m, c).low_rank).angle); };
  EXPECT_NEAR(degrees(principal_axis(m).angle), 7.9, 0.05);
  EXPECT_NEAR(robust(1.5), 5.4, 0.05);
  EXPECT_NEAR(robust(1), 43.8, 0.07);  // a fifth of M is left; 43.74 where it stops, 43.78 fully converged
  EXPECT_NEAR(robust(2), 6.5, 0.05);
  EXPECT_NEAR(degrees(robust_axis(m, 1.5)), 5.4, 0.05);
}

TEST(CrackWidthRobustPca, ACollapsedPartLeavesTheAxisToPca) {
  std::vector<Pixel> points;
  for (std::int64_t x = -16; x <= 16; ++x) points.push_back({x, 0});
  EXPECT_EQ(robust_axis(centred(points), 0.9), principal_axis(centred(points)).angle);
}

TEST(CrackWidthRobustPca, NeedsFewIterations) {
  for (const auto& scene : synthetic::scenes()) {
    const MaskFacts facts(scene.mask);
    for (const auto& point : scene.points) {
      EXPECT_LE(low_rank_part(centred(patch_boundary(facts, {point.x, point.y}, 20)), 1.5).iterations, 100);
    }
  }
}

// Another crack in the same patch is left out, however near, unless it touches; the order is row by row.
TEST(CrackWidthPatch, HoldsTheBoundaryOfTheComponentOfThePoint) {
  auto mask = synthetic::strip(4, 20);
  for (std::int64_t x = 0; x < 80; ++x) mask(26, x) = 1;
  const MaskFacts facts(mask);
  const auto points = patch_boundary(facts, {40, 21}, 10);
  ASSERT_EQ(points.size(), 42u);
  EXPECT_EQ(points.front(), (Pixel{-10, -1}));
  EXPECT_EQ(points.back(), (Pixel{10, 2}));
  EXPECT_EQ(patch_boundary(facts, {40, 26}, 10).size(), 21u);
  EXPECT_TRUE(patch_boundary(facts, {40, 40}, 10).empty());
  mask(24, 43) = mask(25, 44) = 1;  // 8-connected
  const MaskFacts joined(mask);
  EXPECT_EQ(patch_boundary(joined, {40, 26}, 10).size(), 42u + 21 + 2 - 1);  // (23, 43) has no outside neighbour now
}

TEST(CrackWidthPatch, RefusesWidthsBeyondItself) {
  EXPECT_TRUE(across(synthetic::strip(20), {40, 30}, 0, 10));
  EXPECT_FALSE(across(synthetic::strip(21), {40, 30}, 0, 10));
}

}  // namespace
}  // namespace assay::crack_width
