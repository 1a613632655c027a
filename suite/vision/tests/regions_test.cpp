#include "vision/regions.hpp"

#include <gtest/gtest.h>

#include <array>

#include "pictures.hpp"

namespace assay::vision {
namespace {

// The definition, letter by letter: P1 is the pixel, P2 the one above it, and on clockwise to P9.
bool may_go(const Mask& mask, std::int64_t i, std::int64_t j, bool second) {
  const auto at = [&](std::int64_t row, std::int64_t column) {
    return mask.inside(row, column) ? int{mask(row, column)} : 0;
  };
  const std::array<int, 8> p{at(i - 1, j), at(i - 1, j + 1), at(i, j + 1), at(i + 1, j + 1),
                             at(i + 1, j), at(i + 1, j - 1), at(i, j - 1), at(i - 1, j - 1)};
  int sum = 0, patterns = 0;
  for (std::size_t k = 0; k < 8; ++k) sum += p[k], patterns += p[k] == 0 && p[(k + 1) % 8] == 1;
  const int p2 = p[0], p4 = p[2], p6 = p[4], p8 = p[6];
  const bool side = second ? p2 * p4 * p8 == 0 && p2 * p6 * p8 == 0 : p2 * p4 * p6 == 0 && p4 * p6 * p8 == 0;
  return sum >= 2 && sum <= 6 && patterns == 1 && side;
}

Mask naively_thinned(Mask mask) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const bool second : {false, true}) {
      Mask next = mask;
      for (std::int64_t i = 0; i < mask.height; ++i) {
        for (std::int64_t j = 0; j < mask.width; ++j) {
          if (mask(i, j) && may_go(mask, i, j, second)) next(i, j) = 0, changed = true;
        }
      }
      mask = next;
    }
  }
  return mask;
}

Mask bar() { return Mask(3, 16, 1); }

TEST(Thinned, BarsOfTheSpecification) {
  EXPECT_EQ(pixels_in(thinned(bar())), 13);
  auto broken = bar();
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 6; j <= 8; ++j) broken(i, j) = 0;
  }
  EXPECT_EQ(pixels_in(thinned(broken)), 7);
}

TEST(Thinned, ABarInTheMiddleIsTheSameAsOneThatFillsThePicture) {
  Mask wide(9, 30);
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 16; ++j) wide(3 + i, 7 + j) = 1;
  }
  const auto inside = thinned(wide), alone = thinned(bar());
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 16; ++j) EXPECT_EQ(inside(3 + i, 7 + j), alone(i, j));
  }
  EXPECT_EQ(pixels_in(inside), 13);
}

TEST(Thinned, LinesStayAndNothingStaysNothing) {
  const auto line = mask_of({"#....", ".#...", "..###"});
  EXPECT_EQ(rows_of(thinned(line)), rows_of(line));
  EXPECT_EQ(pixels_in(thinned(Mask(4, 7))), 0);
  EXPECT_EQ(thinned(Mask()).size(), 0u);
}

TEST(Thinned, AgreesWithTheDefinition) {
  Stream stream(3);
  for (int round = 0; round < 300; ++round) {
    const auto height = 1 + static_cast<std::int64_t>(stream.below(24)),
               width = 1 + static_cast<std::int64_t>(stream.below(24));
    const auto noise = random_mask(stream, height, width, stream.uniform());
    ASSERT_EQ(rows_of(thinned(noise)), rows_of(naively_thinned(noise)));
  }
  for (int round = 0; round < 40; ++round) {
    const auto shapes = random_shapes(stream, 60, 70, 1 + round % 9);
    ASSERT_EQ(rows_of(thinned(shapes)), rows_of(naively_thinned(shapes)));
  }
  ASSERT_EQ(thinned(Mask(64, 64, 1)), naively_thinned(Mask(64, 64, 1)));
}

Components by_flood_fill(const Mask& mask) {
  Components result{0, Grid<std::int32_t>(mask.height, mask.width)};
  for (std::int64_t k = 0; k < static_cast<std::int64_t>(mask.size()); ++k) {
    std::vector<std::int64_t> open{k};
    const bool first = mask.values[static_cast<std::size_t>(k)] && !result.labels.values[static_cast<std::size_t>(k)];
    if (first) ++result.count;
    while (first && !open.empty()) {
      const std::int64_t i = open.back() / mask.width, j = open.back() % mask.width;
      open.pop_back();
      if (!mask(i, j) || result.labels(i, j)) continue;
      result.labels(i, j) = static_cast<std::int32_t>(result.count);
      for (std::int64_t n = 0; n < 9; ++n) {
        const std::int64_t row = i + n / 3 - 1, column = j + n % 3 - 1;
        if (mask.inside(row, column)) open.push_back(row * mask.width + column);
      }
    }
  }
  return result;
}

TEST(Components, AreNumberedByFirstPixel) {
  const auto found = components(mask_of({"..#.#", ".#...", "#...#", "....#"}));
  EXPECT_EQ(found.count, 3);
  EXPECT_EQ(found.labels.values,
            (std::vector<std::int32_t>{0, 0, 1, 0, 2, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 3}));
  EXPECT_EQ(components(Mask(3, 3)).count, 0);
  EXPECT_EQ(components(Mask()).count, 0);
}

TEST(Components, AgreeWithAFloodFill) {
  Stream stream(4);
  for (int round = 0; round < 300; ++round) {
    const auto height = 1 + static_cast<std::int64_t>(stream.below(40)),
               width = 1 + static_cast<std::int64_t>(stream.below(40));
    const auto mask = random_mask(stream, height, width, stream.uniform() * 0.7);
    const auto found = components(mask), expected = by_flood_fill(mask);
    ASSERT_EQ(found.count, expected.count);
    ASSERT_EQ(found.labels, expected.labels);
  }
  const auto photograph = random_mask(stream, 320, 480, 0.3);
  EXPECT_EQ(components(photograph).labels, by_flood_fill(photograph).labels);
}

}  // namespace
}  // namespace assay::vision
