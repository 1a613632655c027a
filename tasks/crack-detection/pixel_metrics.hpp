// Scores of crack maps: section 3.1 and 3.2 of the specification. No LibTorch.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "vision/grid.hpp"

namespace assay::cracks {

inline constexpr std::size_t kThresholds = 51;
// T_k = (k + 0.5) / 51; a pixel is predicted where p >= T_k.
double threshold(std::size_t k);

// One image with its prediction. Where `ignored` is not empty, its pixels count neither as predicted nor as truth, nor among
// the pixels that a share is taken of.
struct Scored {
  vision::Grid<float> p;  // in [0, 1]
  vision::Mask truth;
  vision::Mask ignored;
};

// Counts of one image at one threshold, from which every F is made. Two different true positives: predicted pixels near
// the truth, and true pixels near a prediction.
struct Counts {
  std::int64_t near_truth = 0, predicted = 0;  // TP_p, |B|
  std::int64_t found = 0, truth = 0;           // TP_r, |GT|
  Counts& operator+=(const Counts& other);
};
using CountCurve = std::array<Counts, kThresholds>;

// F = 2PR / (P + R) with P = TP_p/|B| (1 where B is empty) and R = TP_r/|GT|; 0 where P + R = 0 or GT is empty.
double f_measure(const Counts& counts);

// Tolerance match with d^2 <= tolerance^2, exact in integers; tolerance 0 is plain F.
CountCurve tolerance_counts(const Scored& image, std::int64_t tolerance);
// One-to-one match: both maps thinned, then a maximum bipartite matching of pairs with d^2 <= tolerance^2; near_truth =
// found = its size.
CountCurve matched_counts(const Scored& image, std::int64_t tolerance);

struct Best {
  double f = 0;
  std::size_t k = 0;  // of several equal ones the highest
};
Best ods(std::span<const CountCurve> images);
// Each image at its own best threshold, ties to the highest, pooled.
double ois(std::span<const CountCurve> images);
double f_at(std::span<const CountCurve> images, std::size_t k);

// AP = sum (R_n - R_{n-1}) P_n over groups of equal scores, sorted descending; 0 where nothing is positive.
double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive);
double pixel_ap(std::span<const Scored> images);  // pooled over all pixels that are not ignored

// Patches of g x g pixels, whole ones only: the largest label and the largest score of each. One whose pixels are all ignored
// is left out.
struct Patches {
  std::vector<float> scores;
  std::vector<std::uint8_t> positive;
};
Patches patches_of(const Scored& image, std::int64_t g);
double best_patch_f(std::span<const Patches> images);  // the largest F1 over the thresholds, pooled, no tolerance

// Overlap of prediction and truth, pooled; an IoU without a union is 0, as F is.
double iou_at(std::span<const Scored> images, std::size_t k);       // of the crack class
double best_iou(std::span<const Scored> images);                    // over the thresholds
double best_mean_iou(std::span<const Scored> images);               // of crack and background, over the thresholds
double accuracy_at(std::span<const Scored> images, std::size_t k);  // GA: share of pixels labelled rightly
// Mean over thresholds 0.01 .. 0.99 of the mean over images with truth of their IoU; 0 where there are none.
double aiu(std::span<const Scored> images);

// Topology of the map at a threshold. clDice: mean over images with truth, 0 where there are none; nothing predicted scores 0.
double cl_dice(std::span<const Scored> images, std::size_t k);
// 95th percentile (nearest rank) of the distances of predicted pixels to the truth and of true ones to the prediction,
// together; pixels, mean over images. The image's diagonal where one of them is empty, 0 where both are.
double hd95(std::span<const Scored> images, std::size_t k);
double betti0_error(std::span<const Scored> images, std::size_t k);  // in 8-connected pieces, mean over images

}  // namespace assay::cracks
