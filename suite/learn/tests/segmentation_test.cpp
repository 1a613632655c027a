#include "learn/segmentation.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "learn/contributions.hpp"

namespace assay::learn {
namespace {

std::int64_t weights_of(torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& weight : module.parameters()) count += weight.numel();
  return count;
}

TEST(UNet, HasTheWeightsOfTheSpecification) {
  UNet net(std::vector<std::int64_t>{8, 16, 32});
  EXPECT_EQ(weights_of(*net), 14641);
  UNet with_head(std::vector<std::int64_t>{8, 16, 32}, /*auxiliary=*/true);
  EXPECT_EQ(weights_of(*with_head), 14641 + 17);  // 16 weights and a bias at stride 2
}

TEST(UNet, StartsAtThePriorOfARareClassAndFitsAnySize) {
  UNet net(std::vector<std::int64_t>{8, 16, 32}, /*auxiliary=*/true);
  Stream init(1);
  initialise(*net, init);
  net->eval();
  for (const auto& item : net->named_parameters()) {
    const bool head = item.key() == "head.bias" || item.key() == "auxiliary.bias";
    if (head) {
      EXPECT_EQ(item.value().item<float>(), -3);
    }
  }
  const auto maps = net->forward(torch::zeros({2, 1, 37, 51}));
  ASSERT_EQ(maps.size(), 2u);
  for (const auto& map : maps) EXPECT_EQ(map.sizes(), (std::vector<std::int64_t>{2, 1, 37, 51}));
}

TEST(ConvBlock, GivesEveryConvolution) {
  ConvBlock block(1, 8, 2, 2);
  Stream init(1);
  initialise(*block, init);
  const auto each = block->each(torch::randn({1, 1, 9, 9}));
  ASSERT_EQ(each.size(), 2u);
  EXPECT_EQ(each.back().sizes(), (std::vector<std::int64_t>{1, 8, 9, 9}));  // padding = dilation keeps the size
  EXPECT_EQ(weights_of(*block), 8 * 9 + 16 + 8 * 8 * 9 + 16);
}

TEST(Fusion, OfEqualMapsIsTheMap) {
  Fusion fusion(3);
  const auto map = torch::arange(12, torch::kFloat32).view({1, 1, 3, 4});
  EXPECT_TRUE(torch::allclose(fusion->forward({map, map, map}), map));
}

TEST(Up, LeavesAMapOfTheSizeAlone) {
  const auto map = torch::rand({1, 1, 4, 4});
  EXPECT_TRUE(up(map, torch::zeros({1, 3, 4, 4})).is_same(map));
  // align_corners = false: 1x2 -> 1x4 puts the new centres at -1/4, 1/4, 3/4, 5/4
  const auto wide = up(torch::tensor({0.F, 4.F}).view({1, 1, 1, 2}), torch::zeros({1, 1, 1, 4}));
  EXPECT_TRUE(torch::equal(wide.flatten(), torch::tensor({0.F, 1.F, 3.F, 4.F})));
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const auto value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST(Contributions, OfAMeanAreItsValues) {
  const std::vector<double> values{1, 4, 7, 12};
  const auto found = contributions(4, mean(values), [&](std::size_t i) {
    auto others = values;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    return mean(others);
  });
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], values[i], 1e-12);
}

// A ratio of sums (3 + 1) / (4 + 4): without the first 1/4, without the second 3/4. Pseudo-values 2/2 - 1/4 and 2/2 - 3/4.
TEST(Contributions, OfARatioHaveItForTheirMean) {
  const auto found = contributions(2, 0.5, [](std::size_t i) { return i == 0 ? 0.25 : 0.75; });
  EXPECT_NEAR(found[0], 0.75, 1e-12);
  EXPECT_NEAR(found[1], 0.25, 1e-12);
}

TEST(Contributions, OfOneExampleIsTheScore) {
  EXPECT_EQ(contributions(1, 0.3, [](std::size_t) { return 0.0; }), (std::vector<double>{0.3}));
}

}  // namespace
}  // namespace assay::learn
