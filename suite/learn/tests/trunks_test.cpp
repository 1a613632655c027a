// Encoders that several segmentation methods share.
#include <gtest/gtest.h>

#include "learn/segmentation.hpp"

namespace assay::learn {
namespace {

const std::vector<std::int64_t> kWidths{8, 16, 32};

TEST(Unpooled, PutsEachMaximumBackWhereItWas) {
  Stream draws(1);
  auto x = torch::empty({2, 3, 7, 5});  // odd: the last row and column are in no block
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<float>()[i] = static_cast<float>(draws.uniform() + 0.1);
  const auto [pooled, indices] = torch::max_pool2d_with_indices(x, 2);
  EXPECT_EQ(indices.sizes(), pooled.sizes());
  const auto back = unpooled(pooled, indices, x);
  ASSERT_EQ(back.sizes(), x.sizes());
  const auto maxima = torch::zeros({2, 3, 7, 5});
  maxima.narrow(2, 0, 6).narrow(3, 0, 4).copy_(
      x.narrow(2, 0, 6).narrow(3, 0, 4).eq(pooled.repeat_interleave(2, 2).repeat_interleave(2, 3)).to(torch::kFloat32));
  EXPECT_TRUE(torch::equal(back, x * maxima));
  EXPECT_TRUE(torch::equal(torch::max_pool2d(back, 2), pooled));
}

TEST(Up, IsTheSameByProducts) {
  const auto map = torch::arange(2 * 3 * 5 * 7, torch::kFloat32).sin().view({2, 3, 5, 7});
  for (const auto& [height, width] : {std::pair{11, 28}, std::pair{5, 13}, std::pair{4, 3}}) {
    const auto like = torch::zeros({1, 1, height, width});
    EXPECT_TRUE(torch::allclose(up_by_products(map, like), up(map, like), 1e-5, 1e-6));
  }
}

TEST(SegTrunk, KeepsTheSizeAtEveryScale) {
  SegTrunk trunk(kWidths);
  Stream init(1);
  initialise(*trunk, init);
  const auto scales = trunk->forward(torch::rand({2, 1, 45, 58}));
  const std::vector<std::vector<std::int64_t>> encoder{{2, 8, 45, 58}, {2, 16, 22, 29}, {2, 32, 11, 14}};
  const std::vector<std::vector<std::int64_t>> decoder{{2, 8, 45, 58}, {2, 8, 22, 29}, {2, 16, 11, 14}};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(scales.encoder[k].sizes(), encoder[k]);
    EXPECT_EQ(scales.decoder[k].sizes(), decoder[k]);
  }
}

TEST(Stages, GoNoCoarserThanAsked) {
  const std::vector<std::int64_t> widths(5, 4);
  Stages free(widths, 1), bound(widths, 1, 8);
  Stream init(1), same(1);
  initialise(*free, init);
  initialise(*bound, same);
  const auto x = torch::rand({1, 1, 64, 64});
  EXPECT_EQ(free->forward(x).back().back().size(2), 4);
  EXPECT_EQ(bound->forward(x)[3].back().size(2), 8);
  EXPECT_EQ(bound->forward(x).back().back().size(2), 7);  // a pool of stride 1 has no padding
}

TEST(Stages, GiveEveryConvolution) {
  Stages stages(kWidths, 2);
  Stream init(1);
  initialise(*stages, init);
  const auto outputs = stages->forward(torch::rand({1, 1, 21, 33}));
  ASSERT_EQ(outputs.size(), 3u);
  for (const auto& stage : outputs) EXPECT_EQ(stage.size(), 2u);
  EXPECT_EQ(outputs[2][1].sizes(), (std::vector<std::int64_t>{1, 32, 5, 8}));
}

}  // namespace
}  // namespace assay::learn
