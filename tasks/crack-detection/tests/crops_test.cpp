#include "crack-detection/crops.hpp"

#include <gtest/gtest.h>

#include <set>

namespace assay::cracks {
namespace {

// Pictures whose pixels say where they are: image number, row and column.
struct Marked {
  explicit Marked(std::int64_t count, std::int64_t height = 20, std::int64_t width = 24) {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto rows = torch::arange(height, torch::kFloat32).unsqueeze(1).expand({height, width});
      const auto columns = torch::arange(width, torch::kFloat32).unsqueeze(0).expand({height, width});
      const auto x = 10000 * static_cast<float>(i) + 100 * rows + columns;
      pictures.push_back({x, x.unsqueeze(0).unsqueeze(0), i, false});
      truth.push_back(x);
    }
  }
  std::vector<Picture> pictures;
  std::vector<torch::Tensor> truth;
};

Schedule schedule(std::int64_t batch, std::int64_t crop) {
  Schedule schedule;
  schedule.steps = 150;
  schedule.batch = batch;
  schedule.crop = crop;
  schedule.warmup = 10;
  schedule.recipe.learning_rate = 4e-3;
  return schedule;
}

TEST(CrackCrops, LearningRateRisesForTenStepsAndFallsByACosine) {
  const auto plan = schedule(8, 96);
  EXPECT_DOUBLE_EQ(plan.learning_rate(0), 4e-4);
  EXPECT_NEAR(plan.learning_rate(9), 4e-3 * (1 + std::cos(M_PI * 9 / 150)) / 2, 1e-15);
  EXPECT_NEAR(plan.learning_rate(75), 2e-3, 1e-15);
  EXPECT_LT(plan.learning_rate(149), 1e-6);
}

TEST(CrackCrops, DihedralGivesEightImagesOfASquare) {
  const auto x = torch::arange(9).view({3, 3});
  std::set<std::string> seen;
  for (std::int64_t element = 0; element < 8; ++element) {
    std::string text;
    const auto image = dihedral(x, element).contiguous();
    for (std::int64_t i = 0; i < 9; ++i) text += static_cast<char>('0' + image.view({9})[i].item<std::int64_t>());
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 8u);
  EXPECT_TRUE(torch::equal(dihedral(x, 0), x));
}

TEST(CrackCrops, UseEveryImageOnceAPassAndCutPictureAndTruthAlike) {
  const Marked marked(6);
  CropLoader loader(marked.pictures, marked.truth, schedule(3, 8), 1, Stream(1), Stream(2), torch::kCPU);
  for (int pass = 0; pass < 3; ++pass) {
    std::set<std::int64_t> rows;
    for (int i = 0; i < 2; ++i) {
      const auto batch = loader.next();
      EXPECT_TRUE(torch::equal(batch.x, batch.y));
      EXPECT_EQ(batch.x.sizes(), (std::vector<std::int64_t>{3, 1, 8, 8}));
      for (std::int64_t k = 0; k < 3; ++k) rows.insert(batch.index[k].item<std::int64_t>());
    }
    EXPECT_EQ(rows.size(), 6u);
  }
}

TEST(CrackCrops, CornersAreMultiplesWhereAskedFor) {
  const Marked marked(2);
  CropLoader loader(marked.pictures, marked.truth, schedule(2, 8), 4, Stream(1), Stream(2), torch::kCPU);
  std::set<std::int64_t> rows;
  for (int i = 0; i < 100; ++i) {
    const auto least = loader.next().x.amin({1, 2, 3});  // the crop's top left corner, wherever it was turned to
    for (std::int64_t k = 0; k < 2; ++k) {
      const auto place = least[k].item<std::int64_t>() % 10000;
      EXPECT_EQ(place / 100 % 4, 0);
      EXPECT_EQ(place % 100 % 4, 0);
      rows.insert(place / 100);
    }
  }
  EXPECT_EQ(rows, (std::set<std::int64_t>{0, 4, 8, 12}));
}

TEST(CrackCrops, ImagesSmallerThanACropAreUsedWhole) {
  const Marked marked(2, 7, 24);
  CropLoader loader(marked.pictures, marked.truth, schedule(2, 96), 1, Stream(1), Stream(2), torch::kCPU);
  EXPECT_EQ(loader.next().x.size(2), 7);
}

}  // namespace
}  // namespace assay::cracks
