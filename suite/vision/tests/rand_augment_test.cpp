#include "vision/rand_augment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "vision/resize.hpp"

namespace assay::vision {
namespace {

using Values = std::vector<std::uint8_t>;

Colour picture(std::int64_t height, std::int64_t width, const Values& red, const Values& green, const Values& blue) {
  Colour colour{Grid<std::uint8_t>(height, width), Grid<std::uint8_t>(height, width),
                Grid<std::uint8_t>(height, width)};
  colour.red.values = red, colour.green.values = green, colour.blue.values = blue;
  return colour;
}

Colour grey(std::int64_t height, std::int64_t width, const Values& values) {
  return picture(height, width, values, values, values);
}

// A row of grey values.
Colour row(const Values& values) { return grey(1, static_cast<std::int64_t>(values.size()), values); }

Values red_of(const Colour& image, Change change, int strength, bool negative = false) {
  Stream stream(1);
  return changed(image, change, strength, negative, stream).red.values;
}

bool same(const Colour& a, const Colour& b) { return a.red == b.red && a.green == b.green && a.blue == b.blue; }

Colour noise(std::int64_t height, std::int64_t width) {
  Stream stream(9);
  Colour image{Grid<std::uint8_t>(height, width), Grid<std::uint8_t>(height, width), Grid<std::uint8_t>(height, width)};
  for (auto* plane : {&image.red, &image.green, &image.blue}) {
    for (auto& value : plane->values) value = static_cast<std::uint8_t>(stream.below(256));
  }
  return image;
}

TEST(Changes, OfSingleValues) {
  EXPECT_EQ(red_of(row({0, 100, 255}), Change::kInvert, 1), (Values{255, 155, 0}));
  EXPECT_EQ(red_of(row({127, 128, 255}), Change::kPosterize, 9), (Values{112, 128, 240}));  // four bits
  EXPECT_EQ(red_of(row({1, 254, 255}), Change::kPosterize, 2), (Values{0, 254, 254}));      // 7.11, seven bits
  EXPECT_EQ(red_of(row({1, 254, 255}), Change::kPosterize, 1), (Values{1, 254, 255}));      // 7.56, all eight
  EXPECT_EQ(red_of(row({0, 100, 255}), Change::kSolarize, 9), (Values{255, 155, 0}));
  EXPECT_EQ(red_of(row({170, 171, 255}), Change::kSolarize, 3), (Values{170, 84, 0}));  // threshold 170.67
}

TEST(Changes, AutoContrastStretchesEachChannelToItsEnds) {
  Stream stream(1);
  const auto result =
      changed(picture(1, 3, {50, 100, 150}, {0, 7, 255}, {9, 9, 9}), Change::kAutoContrast, 5, false, stream);
  EXPECT_EQ(result.red.values, (Values{0, 127, 255}));
  EXPECT_EQ(result.green.values, (Values{0, 7, 255}));
  EXPECT_EQ(result.blue.values, (Values{9, 9, 9}));
}

TEST(Changes, EqualizeSpreadsRanks) {
  Values values(512);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(100 + i / 4);  // 100..227
  const auto result = red_of(row(values), Change::kEqualize, 1);
  // step = (512 - 4) / 255 = 1: level = 4 (v - 100), at most 255
  EXPECT_EQ(result.front(), 0);
  EXPECT_EQ(result[4], 4);
  EXPECT_EQ(result.back(), 255);
  EXPECT_TRUE(std::is_sorted(result.begin(), result.end()));
  EXPECT_EQ(red_of(row({5, 5, 9}), Change::kEqualize, 1), (Values{5, 5, 9}));  // too few pixels for a step
}

TEST(Changes, BrightnessAndContrastBlendWithBlackAndTheMean) {
  EXPECT_EQ(red_of(row({0, 100, 200}), Change::kBrightness, 5), (Values{0, 150, 255}));       // factor 1.5
  EXPECT_EQ(red_of(row({0, 100, 200}), Change::kBrightness, 5, true), (Values{0, 50, 100}));  // .5
  EXPECT_EQ(red_of(row({40, 100, 160}), Change::kContrast, 5), (Values{10, 100, 190}));       // about 100
  EXPECT_EQ(red_of(row({40, 100, 160}), Change::kContrast, 5, true), (Values{70, 100, 130}));
}

TEST(Changes, ColourBlendsWithGrey) {
  Stream stream(1);
  const auto red = picture(1, 1, {200}, {0}, {0});  // grey of 59.8, rounded to 60
  const auto paler = changed(red, Change::kColour, 5, true, stream);
  EXPECT_EQ(paler.red.values, Values{130});
  EXPECT_EQ(paler.green.values, Values{30});
  EXPECT_EQ(red_of(row({7, 80, 255}), Change::kColour, 9), (Values{7, 80, 255}));
}

TEST(Changes, SharpnessBlendsWithASmoothedImage) {
  const auto spot = grey(3, 3, {0, 0, 0, 0, 130, 0, 0, 0, 0});  // smoothed: 50 in the middle
  EXPECT_EQ(red_of(spot, Change::kSharpness, 5, true), (Values{0, 0, 0, 0, 90, 0, 0, 0, 0}));
  EXPECT_EQ(red_of(spot, Change::kSharpness, 5), (Values{0, 0, 0, 0, 170, 0, 0, 0, 0}));
}

TEST(Changes, TranslationsBringInGrey) {
  const Values values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};  // by 150 / 331 of ten pixels, 4.53
  EXPECT_EQ(red_of(grey(1, 10, values), Change::kTranslateX, 9), (Values{6, 7, 8, 9, 10, 128, 128, 128, 128, 128}));
  EXPECT_EQ(red_of(grey(1, 10, values), Change::kTranslateX, 9, true),
            (Values{128, 128, 128, 128, 128, 1, 2, 3, 4, 5}));
  EXPECT_EQ(red_of(grey(10, 1, values), Change::kTranslateY, 9), (Values{6, 7, 8, 9, 10, 128, 128, 128, 128, 128}));
}

TEST(Changes, ShearsMoveRowsApartAndKeepTheFirst) {
  const auto image = grey(12, 12, Values(144, 200));
  const auto sheared = red_of(image, Change::kShearX, 9);  // by .3 of the row's middle: 3.45 pixels in the last row
  const auto line = [&](std::size_t i) {
    return Values(sheared.begin() + static_cast<std::ptrdiff_t>(12 * i),
                  sheared.begin() + static_cast<std::ptrdiff_t>(12 * i + 12));
  };
  EXPECT_EQ(line(0)[5], 200);
  EXPECT_EQ(line(11)[11], 128);
  EXPECT_EQ(line(11)[0], 200);
  const auto other = red_of(image, Change::kShearX, 9, true);
  EXPECT_EQ(other[11 * 12], 128);
  EXPECT_EQ(other[11 * 12 + 11], 200);
  const auto down = red_of(image, Change::kShearY, 9);
  EXPECT_EQ(down[11 * 12 + 11], 128);
  EXPECT_NEAR(down[0], 200, 10);  // cubic kernels overshoot at an edge
}

TEST(Changes, RotationIsAboutTheMiddleAndCounterClockwise) {
  auto image = grey(21, 21, Values(441, 0));
  for (auto* plane : {&image.red, &image.green, &image.blue}) (*plane)(10, 18) = 255;  // right of the middle
  Stream stream(1);
  const auto turned = changed(image, Change::kRotate, 9, true, stream);  // the direction is ignored
  EXPECT_EQ(turned.red(10, 10), 0);
  EXPECT_EQ(turned.red(0, 0), 128);
  std::int64_t row = -1, column = -1;
  for (std::int64_t i = 0; i < 21; ++i) {
    for (std::int64_t j = 0; j < 21; ++j) {
      if (turned.red(i, j) == 255) row = i, column = j;
    }
  }
  EXPECT_EQ(row, 6);      // 10 - 8 sin 30
  EXPECT_EQ(column, 17);  // 10 + 8 cos 30
}

TEST(Changes, CutoutFillsASquareOfTwentyPixelsAtMost) {
  const auto black = grey(60, 60, Values(3600, 0));
  std::set<std::int64_t> areas;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Stream stream(seed);
    const auto cut = changed(black, Change::kCutout, 9, false, stream);
    areas.insert(std::count(cut.red.values.begin(), cut.red.values.end(), 125));
    EXPECT_EQ(std::count(cut.blue.values.begin(), cut.blue.values.end(), 113),
              std::count(cut.red.values.begin(), cut.red.values.end(), 125));
  }
  EXPECT_EQ(*areas.rbegin(), 400);
  EXPECT_GE(*areas.begin(), 100);
}

TEST(Changes, OfStrengthNoneLeaveThePlaceOfEveryPixel) {
  const auto image = noise(7, 9);
  Stream stream(1);
  for (const auto change : {Change::kShearX, Change::kShearY, Change::kTranslateX, Change::kTranslateY, Change::kRotate,
                            Change::kColour, Change::kContrast, Change::kBrightness, Change::kSharpness,
                            Change::kPosterize, Change::kSolarize, Change::kCutout}) {
    EXPECT_TRUE(same(changed(image, change, 0, false, stream), image)) << static_cast<int>(change);
  }
}

TEST(RandAugment, RepeatsWithItsStreamAlone) {
  const auto image = noise(24, 30);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Stream one(seed), two(seed);
    EXPECT_TRUE(same(rand_augment(image, one), rand_augment(image, two)));
    EXPECT_EQ(one.bits(), two.bits());
  }
}

TEST(RandAugment, LeavesAQuarterOfTheImagesAlone) {
  const auto image = noise(24, 30);
  Stream stream(5);
  int alone = 0;
  for (int i = 0; i < 400; ++i) alone += same(rand_augment(image, stream), image);
  EXPECT_NEAR(alone, 106, 45);  // and the weakest posterization changes nothing
}

TEST(Resized, KeepsACorneredPictureAndAverages) {
  const auto image = grey(2, 2, {0, 100, 0, 100});
  EXPECT_EQ(resized(image, 1, 1).red.values, Values{50});
  const auto wide = resized(image, 2, 4);
  EXPECT_EQ(wide.red.height, 2);
  EXPECT_EQ(wide.red.values, (Values{0, 25, 75, 100, 0, 25, 75, 100}));
  EXPECT_TRUE(same(resized(noise(5, 4), 5, 4), noise(5, 4)));
}

}  // namespace
}  // namespace assay::vision
