#include "multi-label-kd/views.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace assay::multi_label {
namespace {

torch::Tensor bytes(std::vector<std::int64_t> values, torch::IntArrayRef shape) {
  return torch::tensor(values).to(torch::kUInt8).view(shape);
}

// [channels, height, width] of different values around 0.
torch::Tensor ramp(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return torch::arange(channels * height * width, torch::kFloat32).view({channels, height, width}) / 100 - 0.2;
}

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

TEST(Views, PlainIsNormalisedPerChannel) {
  const auto x = plain(bytes({0, 255, 51, 102}, {1, 2, 1, 2}), {{0.3, 0.2}, {0.3, 0.4}});
  EXPECT_EQ(x.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::allclose(x, torch::tensor({-1.0F, 0.7F / 0.3F, 0.0F, 0.5F}).view({1, 2, 1, 2})));
  EXPECT_TRUE(torch::equal(plain(bytes({255}, {1, 1, 1, 1}), {{0}, {1}}), torch::ones({1, 1, 1, 1})));
}

TEST(Views, MirrorsTheOnesThatAreMarked) {
  const auto x = torch::arange(12, torch::kFloat32).view({2, 1, 2, 3});
  const auto view = mirrored(x, torch::tensor({false, true}));
  EXPECT_TRUE(torch::equal(view[0], x[0]));
  EXPECT_TRUE(torch::equal(view[1].flatten(), torch::tensor({8.F, 7.F, 6.F, 11.F, 10.F, 9.F})));
  EXPECT_TRUE(torch::equal(mirrored(view, torch::tensor({false, true})), x));
}

// The draws, in the order that the source states.
struct SceneDraws {
  SceneDraws(Stream stream, std::int64_t shift, std::uint64_t height, std::uint64_t width) {
    const auto steps = static_cast<std::uint64_t>(2 * shift + 1);
    mirror = stream.uniform() < 0.5;
    down = static_cast<std::int64_t>(stream.below(steps)) - shift;
    right = static_cast<std::int64_t>(stream.below(steps)) - shift;
    a = 0.6 + 0.8 * stream.uniform();
    b = stream.uniform() - 0.5;
    row = static_cast<std::int64_t>(stream.below(height));
    column = static_cast<std::int64_t>(stream.below(width));
  }
  bool mirror;
  std::int64_t down, right, row, column;
  double a, b;
};

TEST(StrongSceneView, IsWhatItsDrawsSay) {
  const std::int64_t height = 9, width = 12, shift = 3;
  const auto x = ramp(2, height, width);
  const double mean = value(x.mean());
  bool mirrored_once = false, plain_once = false;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const SceneDraws draws(Stream(seed), shift, 9, 12);
    (draws.mirror ? mirrored_once : plain_once) = true;
    Stream stream(seed);
    const auto view = strong_scene_view(x, shift, 4, stream);
    for (std::int64_t i = 0; i < height; ++i) {
      for (std::int64_t j = 0; j < width; ++j) {
        const auto row = (i - draws.down + height) % height;
        auto column = (j - draws.right + width) % width;
        if (draws.mirror) column = width - 1 - column;
        const bool cut = i >= draws.row - 2 && i < draws.row + 2 && j >= draws.column - 2 && j < draws.column + 2;
        const double expected = cut ? 0 : draws.a * (value(x[1][row][column]) - mean) + mean + draws.b;
        ASSERT_NEAR(value(view[1][i][j]), expected, 1e-5) << seed << ": " << i << ", " << j;
      }
    }
  }
  EXPECT_TRUE(mirrored_once && plain_once);
}

TEST(StrongSceneView, LeavesItsImageAsItWas) {
  const auto x = ramp(1, 8, 8), before = x.clone();
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Stream stream(seed);
    strong_scene_view(x, 0, 2, stream);  // without a shift nothing is copied on the way
  }
  EXPECT_TRUE(torch::equal(x, before));
}

TEST(StrongSceneView, TakesAsManyDrawsWhateverItDoes) {
  Stream none(7), all(7);
  strong_scene_view(ramp(1, 8, 8), 0, 0, none);
  strong_scene_view(ramp(1, 8, 8), 4, 6, all);
  EXPECT_EQ(none.bits(), all.bits());
}

TEST(StrongSceneView, CutsASquareThatTheEdgeMayClip) {
  std::set<std::int64_t> sizes;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Stream stream(seed);
    const auto view = strong_scene_view(torch::full({1, 6, 6}, 30.0), 1, 4, stream);
    sizes.insert(view.eq(0).sum().item<std::int64_t>());
  }
  EXPECT_EQ(*sizes.begin(), 4);    // centre in the upper left corner
  EXPECT_EQ(*sizes.rbegin(), 16);  // all of it
}

TEST(CutoutRandAugment, RepeatsAndKeepsShapeAndSource) {
  const auto image = (torch::arange(3 * 16 * 20) % 256).to(torch::kUInt8).view({3, 16, 20}), before = image.clone();
  Stream one(3), two(3), three(4);
  const auto view = cutout_rand_augment(image, one);
  EXPECT_EQ(view.sizes(), image.sizes());
  EXPECT_EQ(view.scalar_type(), torch::kUInt8);
  EXPECT_TRUE(torch::equal(view, cutout_rand_augment(image, two)));
  EXPECT_FALSE(torch::equal(view, cutout_rand_augment(image, three)));
  EXPECT_TRUE(torch::equal(image, before));
}

// A quarter of the seeds draws no change of RandAugment: what is left of a black image is the cutout.
TEST(CutoutRandAugment, CutsHalfTheSideInOneColour) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Stream stream(seed), expected(seed);
    const auto view = cutout_rand_augment(torch::zeros({3, 16, 16}, torch::kUInt8), stream);
    const auto row = static_cast<std::int64_t>(expected.below(16)),
               column = static_cast<std::int64_t>(expected.below(16));
    auto wanted = torch::zeros({3, 16, 16}, torch::kUInt8);
    for (std::int64_t c = 0; c < 3; ++c) {
      const auto top = std::max<std::int64_t>(row - 4, 0), left = std::max<std::int64_t>(column - 4, 0);
      wanted[c]
          .narrow(0, top, std::min<std::int64_t>(row + 4, 16) - top)
          .narrow(1, left, std::min<std::int64_t>(column + 4, 16) - left)
          .fill_(static_cast<std::int64_t>(expected.below(256)));
    }
    found += torch::equal(view, wanted);
  }
  EXPECT_GE(found, 10);
}

}  // namespace
}  // namespace assay::multi_label
