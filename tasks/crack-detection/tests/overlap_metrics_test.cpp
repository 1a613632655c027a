// Average precision, patches, and overlap.
#include <gtest/gtest.h>

#include "crack-detection/tests/pixel_oracle.hpp"

namespace assay::cracks {
namespace {

using namespace oracle;

double ap(const std::vector<float>& scores, const std::vector<std::uint8_t>& positive) {
  return average_precision(scores, positive);
}

TEST(CrackMetricsAp, PassesTheWorkedExamples) {
  EXPECT_NEAR(ap({.9F, .8F, .7F, .6F}, {1, 0, 1, 0}), 5.0 / 6, 1e-12);
  EXPECT_NEAR(ap({.9F, .5F, .5F, .1F}, {1, 1, 0, 0}), 5.0 / 6, 1e-12);
  EXPECT_NEAR(ap({.1F, .5F, .9F, .5F}, {0, 0, 1, 1}), 5.0 / 6, 1e-12);  // the order of equal scores says nothing
  EXPECT_EQ(ap({.9F, .1F}, {0, 0}), 0);
  EXPECT_EQ(ap({}, {}), 0);
  EXPECT_EQ(ap({.5F, .5F, .5F, .5F}, {1, 0, 0, 0}), 0.25);
}

// One threshold per distinct score, from the highest down.
TEST(CrackMetricsAp, SumsPrecisionOverRecallSteps) {
  std::vector<float> scores;
  std::vector<std::uint8_t> positive;
  const auto images = random_images();
  for (const auto& image : images) {
    for (const auto& [i, j] : where(image, [](std::int64_t, std::int64_t) { return true; })) {
      scores.push_back(image.p(i, j));
      positive.push_back(image.truth(i, j));
    }
  }
  const auto all = static_cast<double>(std::count(positive.begin(), positive.end(), 1));
  double sum = 0, recall_before = 0;
  for (const float t : std::set<float, std::greater<>>(scores.begin(), scores.end())) {
    double taken = 0, right = 0;
    for (std::size_t n = 0; n < scores.size(); ++n) {
      if (scores[n] >= t) taken += 1, right += positive[n];
    }
    sum += (right / all - recall_before) * right / taken;
    recall_before = right / all;
  }
  EXPECT_NEAR(pixel_ap(images), sum, 1e-12);
}

TEST(CrackMetricsPatches, TakeMaximaOfWholePatches) {
  for (const auto& image : random_images()) {
    const auto patches = patches_of(image, 4);  // 9 x 12 pixels: 2 x 3 patches, one row of pixels left over
    ASSERT_EQ(patches.scores.size(), 6u);
    for (std::size_t n = 0; n < 6; ++n) {
      const auto top = static_cast<std::int64_t>(n / 3) * 4, left = static_cast<std::int64_t>(n % 3) * 4;
      float score = 0;
      std::uint8_t label = 0;
      for (const auto& [i, j] : where(image, [&](std::int64_t r, std::int64_t c) {
             return r >= top && r < top + 4 && c >= left && c < left + 4;
           })) {
        score = std::max(score, image.p(i, j));
        label = std::max(label, image.truth(i, j));
      }
      EXPECT_EQ(patches.scores[n], score);
      EXPECT_EQ(patches.positive[n], label);
    }
  }
}

TEST(CrackMetricsPatches, AWhollyIgnoredOneIsLeftOut) {
  auto image = random_image(1, 8, 8);
  image.ignored = filled(8, 8, {{0, 3, 4, 7}, {4, 7, 0, 2}});
  EXPECT_EQ(patches_of(image, 4).scores.size(), 3u);
}

TEST(CrackMetricsPatches, BestFIsPooledOverImages) {
  std::vector<Patches> images;
  for (const auto& image : random_images()) images.push_back(patches_of(image, 3));
  double best = 0;
  for (std::size_t k = 0; k < kThresholds; ++k) {
    double right = 0, taken = 0, positive = 0;
    for (const auto& patches : images) {
      for (std::size_t n = 0; n < patches.scores.size(); ++n) {
        const bool marked = patches.scores[n] >= threshold(k);
        taken += marked;
        right += marked && patches.positive[n];
        positive += patches.positive[n];
      }
    }
    if (right > 0) best = std::max(best, 2 * right / (taken + positive));
  }
  EXPECT_NEAR(best_patch_f(images), best, 1e-12);
}

// Pixels of images by (predicted, true).
struct Confusion {
  double both = 0, false_alarm = 0, missed = 0, neither = 0;

  void add(const Scored& image, double t) {
    for (const auto& [i, j] : where(image, [](std::int64_t, std::int64_t) { return true; })) {
      const bool b = image.p(i, j) >= t, gt = image.truth(i, j);
      (b ? gt ? both : false_alarm : gt ? missed : neither) += 1;
    }
  }
  double iou() const { return both == 0 ? 0 : both / (both + false_alarm + missed); }
  double mean_iou() const { return (iou() + (neither == 0 ? 0 : neither / (neither + false_alarm + missed))) / 2; }
  double accuracy() const { return (both + neither) / (both + false_alarm + missed + neither); }
};

TEST(CrackMetricsOverlap, AgreesWithTheConfusionMatrix) {
  const auto images = random_images();
  double iou = 0, mean_iou = 0;
  for (std::size_t k = 0; k < kThresholds; ++k) {
    Confusion pooled;
    for (const auto& image : images) pooled.add(image, threshold(k));
    EXPECT_NEAR(iou_at(images, k), pooled.iou(), 1e-12);
    EXPECT_NEAR(accuracy_at(images, k), pooled.accuracy(), 1e-12);
    iou = std::max(iou, pooled.iou());
    mean_iou = std::max(mean_iou, pooled.mean_iou());
  }
  EXPECT_NEAR(best_iou(images), iou, 1e-12);
  EXPECT_NEAR(best_mean_iou(images), mean_iou, 1e-12);
}

TEST(CrackMetricsOverlap, AiuAveragesThresholdsOverImagesWithTruth) {
  const auto images = random_images();
  double sum = 0;
  for (int percent = 1; percent <= 99; ++percent) {
    double of_images = 0, count = 0;
    for (const auto& image : images) {
      if (truth(image).empty()) continue;
      Confusion own;
      own.add(image, percent / 100.0);
      of_images += own.iou();
      count += 1;
    }
    ASSERT_GT(count, 0);
    ASSERT_LT(count, static_cast<double>(images.size()));
    sum += of_images / count;
  }
  EXPECT_NEAR(aiu(images), sum / 99, 1e-12);
}

TEST(CrackMetricsOverlap, NothingAtAllScoresNothing) {
  const std::vector<Scored> empty{sure(filled(4, 4, {}), filled(4, 4, {}))};
  EXPECT_EQ(iou_at(empty, 25), 0);
  EXPECT_EQ(best_iou(empty), 0);
  EXPECT_EQ(accuracy_at(empty, 25), 1);
  EXPECT_EQ(aiu(empty), 0);
  EXPECT_EQ(cl_dice(empty, 25), 0);
}

}  // namespace
}  // namespace assay::cracks
