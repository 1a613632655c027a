#include "crack-width/mask_facts.hpp"

#include <gtest/gtest.h>

#include "core/streams.hpp"
#include "crack-width/tests/synthetic.hpp"
#include "vision/distance.hpp"

namespace assay::crack_width {
namespace {

Mask scattered(std::uint64_t one_in, std::uint64_t seed) {
  Mask mask(70, 101, 0);
  Stream stream(seed);
  for (auto& value : mask.values) value = stream.below(one_in) == 0;
  return mask;
}

std::vector<Pixel> members(const Mask& mask) {  // row by row
  std::vector<Pixel> all;
  for (std::int64_t y = 0; y < mask.height; ++y) {
    for (std::int64_t x = 0; x < mask.width; ++x) {
      if (mask(y, x)) all.push_back({x, y});
    }
  }
  return all;
}

// The oracle reads all pixels in row-major order, so that of equally near ones the first wins.
TEST(CrackWidthPixelIndex, FindsTheNearestAsAFullSearchDoes) {
  for (const std::uint64_t one_in : {5u, 60u, 2000u}) {
    const auto mask = scattered(one_in, one_in);
    const PixelIndex index(mask);
    for (const auto& to : members(scattered(50, 7))) {
      std::optional<Pixel> nearest;
      for (const auto& pixel : members(mask)) {
        if (!nearest || squared_distance(pixel, to) < squared_distance(*nearest, to)) nearest = pixel;
      }
      EXPECT_EQ(index.nearest(to), nearest);
    }
  }
}

TEST(CrackWidthPixelIndex, FindsTheNearestAmongThoseThatAreKept) {
  const auto mask = scattered(40, 3);
  const Pixel to{33, 31};
  const auto kept = [](const Pixel& pixel) { return pixel.x > 60; };
  std::optional<Pixel> nearest;
  for (const auto& pixel : members(mask)) {
    if (kept(pixel) && (!nearest || squared_distance(pixel, to) < squared_distance(*nearest, to))) nearest = pixel;
  }
  EXPECT_EQ(PixelIndex(mask).nearest(to, kept), nearest);
  EXPECT_FALSE(PixelIndex(mask).nearest(to, [](const Pixel&) { return false; }));
  EXPECT_FALSE(PixelIndex(Mask(10, 10, 0)).nearest({5, 5}));
}

TEST(CrackWidthPixelIndex, GivesWhatLiesInASquareInRowMajorOrder) {
  const auto mask = scattered(9, 4);
  for (const Pixel centre : {Pixel{0, 0}, Pixel{31, 32}, Pixel{100, 69}, Pixel{50, 40}}) {
    auto expected = members(mask);
    std::erase_if(expected, [&](const Pixel& pixel) {
      return std::abs(pixel.x - centre.x) > 20 || std::abs(pixel.y - centre.y) > 20;
    });
    EXPECT_EQ(PixelIndex(mask).within(centre, 20), expected);
  }
}

// Beyond the image counts as mask: the strip's ends are no boundary, nor is its upper row where it is the image's.
TEST(CrackWidthFacts, TheImagesEdgeIsNoBoundary) {
  const auto inside = boundary_of(synthetic::strip(4, 20, 60, 80));
  EXPECT_EQ(members(inside).size(), 160u);
  EXPECT_TRUE(inside(20, 0) && inside(23, 79) && !inside(21, 0));
  EXPECT_EQ(members(boundary_of(synthetic::strip(4, 0, 60, 80))).size(), 80u);
  EXPECT_EQ(members(boundary_of(Mask(5, 5, 1))).size(), 0u);
}

TEST(CrackWidthFacts, DepthIsTheDistanceToTheNearestBackgroundCentre) {
  const auto mask = synthetic::strip(5, 20);
  const MaskFacts facts(mask);
  for (std::int64_t row = 0; row < 5; ++row) {
    const auto depth = std::min(row + 1, 5 - row);
    EXPECT_EQ(facts.depth_squared()(20 + row, 40), depth * depth);
  }
  const Mask full(5, 5, 1);
  EXPECT_EQ(MaskFacts(full).depth_squared()(2, 2), vision::kUnreachable);
}

}  // namespace
}  // namespace assay::crack_width
