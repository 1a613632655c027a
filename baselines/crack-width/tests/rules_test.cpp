// The methods' rules: strips that one can count, invariances, and what each method becomes with parts switched off.
#include <gtest/gtest.h>

#include "crack-width/tests/synthetic.hpp"

namespace assay::crack_width {
namespace {

using synthetic::measure;
using synthetic::strip;
using synthetic::width;

const std::vector<std::string> kAcrossThePoint{"width-shortest", "width-pca", "width-rpca", "cascaded-pca"};

TEST(CrackWidthDt, OfStripsIsEven) {
  const std::vector<double> expected{2, 2, 4, 4, 6, 6};
  for (std::int64_t rows = 1; rows <= 6; ++rows) {
    const auto i = static_cast<std::size_t>(rows - 1);
    EXPECT_EQ(width("width-dt", strip(rows), {40, 20}), expected[i]) << rows;
    EXPECT_EQ(width("width-dt", strip(rows), {40, 20}, {{"delta", 0.5}}), expected[i] - 0.5) << rows;
  }
}

TEST(CrackWidthDt, HasNoValueWhereThinningLeavesNothing) {
  Mask square(40, 40, 0);
  square(20, 20) = square(20, 21) = square(21, 20) = square(21, 21) = 1;
  EXPECT_FALSE(measure("width-dt", square, {20, 20}));
  EXPECT_FALSE(measure("width-dt", Mask(40, 40, 1), {20, 20}));
}

TEST(CrackWidthMethods, AreExactOnStrips) {
  for (const auto& method :
       {"width-ortho", "width-pair", "width-shortest", "width-pca", "width-rpca", "cascaded-pca"}) {
    for (std::int64_t rows = 2; rows <= 15; ++rows) {
      EXPECT_NEAR(width(method, strip(rows), {40, 20 + rows / 2}), static_cast<double>(rows), 1e-9)
          << method << ' ' << rows;
    }
  }
}

TEST(CrackWidthOrtho, NeedsTwoPointsOfSkeleton) {
  Mask dot(40, 40, 0);
  dot(20, 20) = 1;
  EXPECT_FALSE(measure("width-ortho", dot, {20, 20}));
  EXPECT_FALSE(measure("width-pair", dot, {20, 20}));
}

// A strip along the image's upper edge has a boundary on one side only.
TEST(CrackWidthPair, FallsBackToTheDistanceWhereOneSideIsEmpty) {
  const auto found = measure("width-pair", strip(4, 0), {40, 2});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->stage, "distance");
  EXPECT_EQ(found->width, width("width-dt", strip(4, 0), {40, 2}));
}

TEST(CrackWidthConstant, AnswersTheMeanOfTheCalibrationSet) { EXPECT_EQ(width("constant", strip(9), {40, 24}), 5); }

TEST(CrackWidthOracle, MeasuresAcrossTheTrueHeading) {
  const auto found = measure("oracle-direction", strip(6), {40, 22}, Json::object(), std::numbers::pi / 6);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->width, 6 / std::cos(std::numbers::pi / 6), 1e-9);
}

// R4 of width-pca: a strip wider than the patch over sqrt(3) turns the axis; 21 px of patch bear 12 rows.
TEST(CrackWidthPca, TakesTheWrongAxisOnAStripThatIsTooWide) {
  const Json small{{"R", 10}};
  EXPECT_NEAR(width("width-pca", strip(11), {40, 25}, small), 11, 1e-9);
  EXPECT_FALSE(measure("width-pca", strip(15), {40, 27}, small));  // along the strip no ray ends
  EXPECT_NEAR(width("cascaded-pca", strip(15), {40, 27}, small), 15, 1e-9);
  EXPECT_EQ(measure("cascaded-pca", strip(15), {40, 27}, small)->stage, "shortest");
}

TEST(CrackWidthPca, HasNoValueOnFewerThanSixPoints) {
  Mask few(40, 40, 0);
  for (std::int64_t x = 18; x < 23; ++x) few(20, x) = 1;
  EXPECT_FALSE(measure("width-pca", few, {20, 20}));
  EXPECT_FALSE(measure("width-rpca", few, {20, 20}));
  EXPECT_EQ(measure("cascaded-pca", few, {20, 20})->stage, "shortest");
  few(20, 23) = 1;
  EXPECT_NEAR(width("width-pca", few, {20, 20}), 1, 1e-9);
}

Mask turned(const Mask& mask) {  // by 90 degrees: (x, y) to (height - 1 - y, x)
  Mask result(mask.width, mask.height, 0);
  for (std::int64_t y = 0; y < mask.height; ++y) {
    for (std::int64_t x = 0; x < mask.width; ++x) result(x, mask.height - 1 - y) = mask(y, x);
  }
  return result;
}

TEST(CrackWidthMethods, ThatStartAtThePointDoNotDependOnAQuarterTurn) {
  for (const auto& scene : synthetic::scenes()) {
    const auto other = turned(scene.mask);
    for (const auto& point : scene.points) {
      for (const auto& method : kAcrossThePoint) {
        const auto a = measure(method, scene.mask, {point.x, point.y});
        const auto b = measure(method, other, {scene.mask.height - 1 - point.y, point.x});
        ASSERT_EQ(a.has_value(), b.has_value()) << method;
        if (a) {
          EXPECT_NEAR(a->width, b->width, 1e-6) << method << ' ' << point.x;
          EXPECT_EQ(a->stage, b->stage) << method;
        }
      }
    }
  }
}

Mask moved(const Mask& mask, std::int64_t dx, std::int64_t dy, std::int64_t height, std::int64_t width) {
  Mask result(height, width, 0);
  for (std::int64_t y = 0; y < mask.height; ++y) {
    for (std::int64_t x = 0; x < mask.width; ++x) result(y + dy, x + dx) = mask(y, x);
  }
  return result;
}

TEST(CrackWidthMethods, KeepEveryBitWhereMaskAndPointMoveTogether) {
  for (const auto& scene : synthetic::scenes()) {
    const auto here = moved(scene.mask, 8, 8, 160, 170), there = moved(scene.mask, 95, 41, 200, 251);
    for (const auto* method : learn::project_catalog().methods_of("crack-width")) {
      for (std::size_t i = 0; i < scene.points.size(); i += 3) {
        const auto& point = scene.points[i];
        const auto a = measure(method->id, here, {point.x + 8, point.y + 8}, Json::object(), point.heading);
        const auto b = measure(method->id, there, {point.x + 95, point.y + 41}, Json::object(), point.heading);
        ASSERT_EQ(a.has_value(), b.has_value()) << method->id;
        if (!a) continue;
        EXPECT_EQ(a->width, b->width) << method->id << ' ' << point.x;
      }
    }
  }
}

// With its test switched off the cascade is its first stage, with a test that none passes its second; bit for bit.
void expect_cascade_equals(const std::string& stage, const Json& switched) {
  int compared = 0;
  for (const auto& scene : synthetic::scenes()) {
    for (const auto& point : scene.points) {
      const auto alone = measure(stage, scene.mask, {point.x, point.y});
      if (!alone) continue;  // step 5 rejects
      ++compared;
      EXPECT_EQ(width("cascaded-pca", scene.mask, {point.x, point.y}, switched), alone->width);
    }
  }
  EXPECT_GT(compared, 30);
}

TEST(CrackWidthCascade, WithoutItsTestIsPca) {
  expect_cascade_equals("width-pca", {{"rho", 1.0}, {"theta_max", 90.0}});
}

TEST(CrackWidthCascade, WithATestThatNonePassesIsRobustPca) { expect_cascade_equals("width-rpca", {{"rho", 0.0}}); }

TEST(CrackWidthCascade, SendsHardPatchesToRobustPca) {
  auto memory = synthetic::run(synthetic::job("cascaded-pca"));
  EXPECT_GT(memory.notes["stages"].at("pca"), memory.notes["stages"].at("rpca"));
}

}  // namespace
}  // namespace assay::crack_width
