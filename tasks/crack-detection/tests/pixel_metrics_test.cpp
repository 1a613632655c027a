// Tolerance and one-to-one matches, what is pooled of them, and topology.
#include <gtest/gtest.h>

#include "crack-detection/tests/pixel_oracle.hpp"

namespace assay::cracks {
namespace {

using namespace oracle;

TEST(CrackMetricsTolerance, CountsByTheDefinition) {
  for (const auto& image : random_images()) {
    for (const std::int64_t tolerance : {0, 1, 2, 5}) {
      const auto curve = tolerance_counts(image, tolerance);
      for (std::size_t k = 0; k < kThresholds; ++k) {
        const auto b = predicted(image, threshold(k)), gt = truth(image);
        expect_equal(curve[k], {near(b, gt, tolerance), static_cast<std::int64_t>(b.size()), near(gt, b, tolerance),
                                static_cast<std::int64_t>(gt.size())});
        EXPECT_LE(curve[k].near_truth, curve[k].predicted);
        EXPECT_LE(curve[k].found, curve[k].truth);
      }
    }
  }
}

TEST(CrackMetricsTolerance, PassesTheWorkedExamples) {
  const auto row5 = filled(12, 14, {{5, 5, 0, 9}});
  const auto counts = [&](const Rectangle& prediction, std::int64_t tolerance) {
    return tolerance_counts(sure(filled(12, 14, {prediction}), row5), tolerance)[25];
  };
  expect_equal(counts({7, 7, 0, 9}, 2), {10, 10, 10, 10});
  EXPECT_EQ(f_measure(counts({7, 7, 0, 9}, 2)), 1);
  expect_equal(counts({7, 7, 0, 9}, 1), {0, 10, 0, 10});
  EXPECT_EQ(f_measure(counts({7, 7, 0, 9}, 1)), 0);
  expect_equal(counts({7, 7, 0, 11}, 2), {10, 12, 10, 10});
  expect_equal(counts({4, 6, 0, 9}, 2), {30, 30, 10, 10});  // one common count would give R = 3
}

TEST(CrackMetricsTolerance, EmptyMapsKeepTheConventions) {
  const auto nothing = filled(4, 4, {}), something = filled(4, 4, {{1, 1, 0, 2}});
  const auto counts = [](const Mask& prediction, const Mask& truth) {
    return tolerance_counts(sure(prediction, truth), 2)[25];
  };
  expect_equal(counts(nothing, something), {0, 0, 0, 3});
  expect_equal(counts(something, nothing), {0, 3, 0, 0});
  expect_equal(counts(nothing, nothing), {0, 0, 0, 0});
  for (const auto& empty : {counts(nothing, something), counts(something, nothing), counts(nothing, nothing)}) {
    EXPECT_EQ(f_measure(empty), 0);
  }
}

TEST(CrackMetricsTolerance, ThresholdIsReachedByEqualScores) {
  Scored image = sure(filled(1, 2, {}), filled(1, 2, {}));
  EXPECT_NEAR(threshold(0), 0.5 / 51, 1e-15);
  EXPECT_EQ(threshold(25), 0.5);
  image.p.values = {0.5F, 0.49999997F};
  const auto curve = tolerance_counts(image, 0);
  EXPECT_EQ(curve[24].predicted, 2);
  EXPECT_EQ(curve[25].predicted, 1);
  EXPECT_EQ(curve[26].predicted, 0);
}

TEST(CrackMetricsOneToOne, CountsByTheDefinition) {
  for (const auto& image : random_images()) {
    for (const std::int64_t tolerance : {0, 1, 2}) {
      const auto curve = matched_counts(image, tolerance);
      const auto gt = pixels_of(vision::thinned(mask_of(truth(image), image)));
      for (std::size_t k = 0; k < kThresholds; ++k) {
        const auto b = pixels_of(vision::thinned(mask_of(predicted(image, threshold(k)), image)));
        const auto pairs = matched(b, gt, tolerance);
        expect_equal(curve[k],
                     {pairs, static_cast<std::int64_t>(b.size()), pairs, static_cast<std::int64_t>(gt.size())});
      }
    }
  }
}

// Before thinning three rows of predictions share one row of truth: P = 1/3, R = 1. Thinning removes two of them.
TEST(CrackMetricsOneToOne, PassesTheWorkedExample) {
  const auto row5 = filled(12, 14, {{5, 5, 0, 9}}), rows = filled(12, 14, {{4, 6, 0, 9}});
  EXPECT_EQ(matched(pixels_of(rows), pixels_of(row5), 2), 10);
  const auto counts = matched_counts(sure(rows, row5), 2)[25];
  EXPECT_EQ(counts.near_truth, counts.predicted);
  EXPECT_LT(counts.predicted, 11);
}

CountCurve constant_curve(const Counts& counts) {
  CountCurve curve;
  curve.fill(counts);
  return curve;
}

TEST(CrackMetricsPooled, OdsTakesTheBestThresholdOfThePool) {
  const auto images = random_images();
  for (const std::int64_t tolerance : {0, 2}) {
    std::vector<CountCurve> curves;
    for (const auto& image : images) curves.push_back(tolerance_counts(image, tolerance));
    double best = 0;
    std::size_t at = 0;
    for (std::size_t k = 0; k < kThresholds; ++k) {
      double tp_p = 0, b = 0, tp_r = 0, gt = 0;
      for (const auto& image : images) {
        const auto predicted_pixels = predicted(image, threshold(k)), true_pixels = truth(image);
        tp_p += static_cast<double>(near(predicted_pixels, true_pixels, tolerance));
        b += static_cast<double>(predicted_pixels.size());
        tp_r += static_cast<double>(near(true_pixels, predicted_pixels, tolerance));
        gt += static_cast<double>(true_pixels.size());
      }
      const double p = b == 0 ? 1 : tp_p / b, r = tp_r / gt, f = p + r == 0 ? 0 : 2 * p * r / (p + r);
      EXPECT_NEAR(f_at(curves, k), f, 1e-12);
      if (f >= best) best = f, at = k;
    }
    EXPECT_NEAR(ods(curves).f, best, 1e-12);
    EXPECT_EQ(ods(curves).k, at);
  }
}

TEST(CrackMetricsPooled, OfEqualThresholdsTheHighestCounts) {
  const std::vector<CountCurve> flat{constant_curve({3, 4, 3, 4})};
  EXPECT_EQ(ods(flat).k, kThresholds - 1);
  EXPECT_NEAR(ods(flat).f, 0.75, 1e-12);
  EXPECT_EQ(ods(std::vector<CountCurve>{constant_curve({0, 9, 0, 0})}).k, kThresholds - 1);
}

// Its F is 0 at every threshold; the lowest one would add all its false positives to the pool.
TEST(CrackMetricsPooled, AnImageWithoutCracksDoesNotRuinOis) {
  const auto good = constant_curve({10, 10, 10, 10});
  CountCurve without;
  for (std::size_t k = 0; k < kThresholds; ++k) {
    without[k] = {0, static_cast<std::int64_t>(100 * (kThresholds - 1 - k)), 0, 0};
  }
  EXPECT_EQ(ois(std::vector<CountCurve>{good, without}), 1);
}

TEST(CrackMetricsPooled, OisPoolsEachImagesBest) {
  std::vector<CountCurve> curves;
  Counts pool;
  for (const auto& image : random_images()) {
    curves.push_back(tolerance_counts(image, 1));
    std::size_t best = 0;
    for (std::size_t k = 0; k < kThresholds; ++k) {
      if (f_measure(curves.back()[k]) >= f_measure(curves.back()[best])) best = k;
    }
    pool += curves.back()[best];
  }
  EXPECT_NEAR(ois(curves), f_measure(pool), 1e-12);
}

double cl_dice_of(const Mask& prediction, const Mask& truth) {
  return cl_dice(std::vector<Scored>{sure(prediction, truth)}, 25);
}

TEST(CrackMetricsTopology, ClDicePassesTheWorkedExample) {
  const auto bar = filled(7, 20, {{2, 4, 2, 17}}), cut = filled(7, 20, {{2, 4, 2, 7}, {2, 4, 11, 17}});
  ASSERT_EQ(pixels_of(vision::thinned(bar)).size(), 13u);
  ASSERT_EQ(pixels_of(vision::thinned(cut)).size(), 7u);
  const double precision = 1, recall = 10.0 / 13;
  EXPECT_NEAR(cl_dice_of(cut, bar), 2 * precision * recall / (precision + recall), 1e-12);
  EXPECT_NEAR(cl_dice_of(bar, bar), 1, 1e-12);
  EXPECT_EQ(cl_dice_of(filled(7, 20, {}), bar), 0);
}

TEST(CrackMetricsTopology, ClDiceIsAMeanOverImagesWithTruth) {
  const auto bar = filled(7, 20, {{2, 4, 2, 17}}), nothing = filled(7, 20, {});
  const std::vector<Scored> images{sure(bar, bar), sure(bar, nothing), sure(nothing, bar), sure(nothing, nothing)};
  EXPECT_NEAR(cl_dice(images, 25), 0.5, 1e-12);
}

TEST(CrackMetricsTopology, FollowsTheDefinitions) {
  const auto images = random_images();
  for (const std::size_t k : {10, 25, 40}) {
    double cl = 0, with_truth = 0, hausdorff = 0, betti = 0;
    for (const auto& image : images) {
      const auto b = predicted(image, threshold(k)), gt = truth(image);
      const auto b_mask = mask_of(b, image), gt_mask = mask_of(gt, image);
      betti += std::abs(static_cast<double>(vision::components(b_mask).count - vision::components(gt_mask).count));
      std::vector<double> distances;
      for (const auto& [from, to] : {std::pair{b, gt}, std::pair{gt, b}}) {
        for (const auto& p : from) {
          double nearest = std::hypot(9, 12);
          for (const auto& q : to) nearest = std::min(nearest, std::sqrt(static_cast<double>(squared(p, q))));
          distances.push_back(nearest);
        }
      }
      std::sort(distances.begin(), distances.end());
      const auto rank = std::ceil(0.95 * static_cast<double>(distances.size()) - 1e-9);
      hausdorff += distances.empty() ? 0 : distances[static_cast<std::size_t>(rank) - 1];
      if (gt.empty()) continue;
      const auto b_skeleton = pixels_of(vision::thinned(b_mask)), gt_skeleton = pixels_of(vision::thinned(gt_mask));
      const double t_p = b_skeleton.empty()
                             ? 0
                             : static_cast<double>(near(b_skeleton, gt, 0)) / static_cast<double>(b_skeleton.size());
      const double t_s = static_cast<double>(near(gt_skeleton, b, 0)) / static_cast<double>(gt_skeleton.size());
      cl += t_p + t_s == 0 ? 0 : 2 * t_p * t_s / (t_p + t_s);
      with_truth += 1;
    }
    const auto count = static_cast<double>(images.size());
    EXPECT_NEAR(cl_dice(images, k), cl / with_truth, 1e-12);
    EXPECT_NEAR(hd95(images, k), hausdorff / count, 1e-9);
    EXPECT_NEAR(betti0_error(images, k), betti / count, 1e-12);
  }
}

double hd95_of(const Mask& prediction, const Mask& truth) {
  return hd95(std::vector<Scored>{sure(prediction, truth)}, 25);
}

// Of 20 distances the 19th, of 21 the 20th.
TEST(CrackMetricsTopology, Hd95IsTheNearestRank) {
  const auto nine = filled(3, 40, {{0, 0, 0, 8}}), ten = filled(3, 40, {{0, 0, 0, 9}});
  const auto one_away = filled(3, 40, {{0, 0, 0, 9}, {0, 0, 39, 39}});
  EXPECT_EQ(hd95_of(one_away, nine), 1);  // 31, 1 and 18 zeros
  EXPECT_EQ(hd95_of(nine, one_away), 1);
  EXPECT_EQ(hd95_of(filled(3, 40, {{0, 0, 0, 8}, {0, 0, 30, 30}, {0, 0, 39, 39}}), nine), 22);  // 31, 22 and 18 zeros
  EXPECT_EQ(hd95_of(one_away, ten), 0);                                                         // 30 and 20 zeros
}

TEST(CrackMetricsTopology, Hd95OfEmptyMapsIsTheDiagonalOrNothing) {
  const auto nothing = filled(30, 40, {}), something = filled(30, 40, {{3, 3, 0, 9}});
  EXPECT_EQ(hd95_of(nothing, something), 50);
  EXPECT_EQ(hd95_of(something, nothing), 50);
  EXPECT_EQ(hd95_of(nothing, nothing), 0);
}

TEST(CrackMetricsTopology, Betti0CountsPieces) {
  const auto two = filled(5, 9, {{0, 0, 0, 2}, {1, 1, 3, 3}, {4, 4, 0, 8}});  // the first two touch at a corner
  const auto one = filled(5, 9, {{4, 4, 0, 8}}), none = filled(5, 9, {});
  EXPECT_EQ(betti0_error(std::vector<Scored>{sure(two, one), sure(none, two), sure(one, one)}, 25), 1);
}

TEST(CrackMetricsIgnored, PixelsChangeNothing) {
  auto image = random_image(6, 9, 12, true);
  const std::vector<Scored> before{image};
  for (std::size_t i = 0; i < image.p.size(); ++i) {
    if (!image.ignored.values[i]) continue;
    image.p.values[i] = 1 - image.p.values[i];
    image.truth.values[i] = !image.truth.values[i];
  }
  const std::vector<Scored> after{image};
  for (std::size_t k = 0; k < kThresholds; ++k) {
    EXPECT_EQ(iou_at(before, k), iou_at(after, k));
    EXPECT_EQ(accuracy_at(before, k), accuracy_at(after, k));
    EXPECT_EQ(cl_dice(before, k), cl_dice(after, k));
    EXPECT_EQ(hd95(before, k), hd95(after, k));
    EXPECT_EQ(betti0_error(before, k), betti0_error(after, k));
    EXPECT_EQ(f_measure(tolerance_counts(before[0], 2)[k]), f_measure(tolerance_counts(after[0], 2)[k]));
    EXPECT_EQ(f_measure(matched_counts(before[0], 2)[k]), f_measure(matched_counts(after[0], 2)[k]));
  }
  EXPECT_EQ(pixel_ap(before), pixel_ap(after));
  EXPECT_EQ(aiu(before), aiu(after));
  EXPECT_EQ(patches_of(before[0], 3).scores, patches_of(after[0], 3).scores);
}

}  // namespace
}  // namespace assay::cracks
