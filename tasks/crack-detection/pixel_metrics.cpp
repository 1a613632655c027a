#include "crack-detection/pixel_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vision/distance.hpp"
#include "vision/matching.hpp"
#include "vision/regions.hpp"

namespace assay::cracks {

namespace {

using vision::Mask;

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double harmonic_mean(double a, double b) { return a + b == 0 ? 0 : 2 * a * b / (a + b); }

bool judged(const Scored& image, std::size_t pixel) {
  return image.ignored.size() == 0 || !image.ignored.values[pixel];
}

Mask truth_of(const Scored& image) {
  auto truth = image.truth;
  for (std::size_t i = 0; i < truth.size(); ++i) truth.values[i] = truth.values[i] && judged(image, i);
  return truth;
}

Mask predicted_at(const Scored& image, double threshold) {
  Mask mask(image.p.height, image.p.width);
  for (std::size_t i = 0; i < mask.size(); ++i) mask.values[i] = judged(image, i) && image.p.values[i] >= threshold;
  return mask;
}

std::int64_t count(const Mask& mask) { return std::count(mask.values.begin(), mask.values.end(), 1); }
bool any(const Mask& mask) { return std::find(mask.values.begin(), mask.values.end(), 1) != mask.values.end(); }

std::int64_t count_both(const Mask& a, const Mask& b) {
  std::int64_t both = 0;
  for (std::size_t i = 0; i < a.size(); ++i) both += a.values[i] && b.values[i];
  return both;
}

const std::vector<double>& thresholds() {
  static const auto all = [] {
    std::vector<double> values;
    for (std::size_t k = 0; k < kThresholds; ++k) values.push_back(threshold(k));
    return values;
  }();
  return all;
}

// How many of the ascending thresholds a score reaches: it is predicted at threshold k where this is above k. So one look
// at each pixel serves all thresholds.
using Level = std::uint8_t;
Level level_of(float score, const std::vector<double>& ascending) {
  return static_cast<Level>(std::upper_bound(ascending.begin(), ascending.end(), score) - ascending.begin());
}

vision::Grid<Level> levels_of(const Scored& image) {
  vision::Grid<Level> levels(image.p.height, image.p.width, 0);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (judged(image, i)) levels.values[i] = level_of(image.p.values[i], thresholds());
  }
  return levels;
}

// The pixels within a distance of a pixel.
class Disc {
 public:
  explicit Disc(std::int64_t radius) {
    for (std::int64_t dy = -radius; dy <= radius; ++dy) {
      for (std::int64_t dx = -radius; dx <= radius; ++dx) {
        if (dy * dy + dx * dx <= radius * radius) offsets_.push_back({dy, dx});
      }
    }
  }

  template <typename T, typename Visit>
  void visit(T& grid, std::int64_t row, std::int64_t column, const Visit& visit) const {
    for (const auto& [dy, dx] : offsets_) {
      if (grid.inside(row + dy, column + dx)) visit(grid(row + dy, column + dx));
    }
  }

 private:
  struct Offset {
    std::int64_t dy, dx;
  };
  std::vector<Offset> offsets_;
};

template <typename Visit>
void each_pixel_of(const Mask& mask, const Visit& visit) {
  for (std::int64_t i = 0; i < mask.height; ++i) {
    for (std::int64_t j = 0; j < mask.width; ++j) {
      if (mask(i, j)) visit(i, j);
    }
  }
}

// steps[n]: what is counted at a threshold if and only if level n is predicted there.
CountCurve summed(const std::array<Counts, kThresholds + 1>& steps, std::int64_t truth) {
  CountCurve curve;
  Counts sum;
  for (std::size_t k = kThresholds; k-- > 0;) {
    sum += steps[k + 1];
    curve[k] = sum;
    curve[k].truth = truth;
  }
  return curve;
}

}  // namespace

double threshold(std::size_t k) { return (static_cast<double>(k) + 0.5) / kThresholds; }

Counts& Counts::operator+=(const Counts& other) {
  near_truth += other.near_truth;
  predicted += other.predicted;
  found += other.found;
  truth += other.truth;
  return *this;
}

double f_measure(const Counts& counts) {
  const double precision = counts.predicted == 0 ? 1 : ratio(counts.near_truth, counts.predicted);
  return harmonic_mean(precision, ratio(counts.found, counts.truth));
}

// A true pixel is found as long as the highest score within the tolerance is predicted.
CountCurve tolerance_counts(const Scored& image, std::int64_t tolerance) {
  const auto truth = truth_of(image);
  const auto levels = levels_of(image);
  const Disc disc(tolerance);
  Mask near_truth(truth.height, truth.width);
  std::array<Counts, kThresholds + 1> steps{};
  each_pixel_of(truth, [&](std::int64_t i, std::int64_t j) {
    disc.visit(near_truth, i, j, [](std::uint8_t& near) { near = 1; });
    Level highest = 0;
    disc.visit(levels, i, j, [&](Level level) { highest = std::max(highest, level); });
    ++steps[highest].found;
  });
  for (std::size_t i = 0; i < levels.size(); ++i) {
    ++steps[levels.values[i]].predicted;
    steps[levels.values[i]].near_truth += near_truth.values[i];
  }
  return summed(steps, count(truth));
}

namespace {

// Matches predictions one to one with a truth that stays.
class OneToOne {
 public:
  OneToOne(const Mask& truth, std::int64_t tolerance) : disc_(tolerance), numbers_(truth.height, truth.width, kNone) {
    each_pixel_of(vision::thinned(truth),
                  [&](std::int64_t i, std::int64_t j) { numbers_(i, j) = static_cast<std::int32_t>(size_++); });
  }

  std::size_t truth() const { return size_; }

  Counts counts(const Mask& predicted) const {
    std::vector<std::vector<std::int32_t>> neighbours;
    each_pixel_of(vision::thinned(predicted), [&](std::int64_t i, std::int64_t j) {
      auto& near = neighbours.emplace_back();
      disc_.visit(numbers_, i, j, [&](std::int32_t number) {
        if (number != kNone) near.push_back(number);
      });
    });
    const auto pairs = static_cast<std::int64_t>(vision::maximum_matching(neighbours, size_));
    return {pairs, static_cast<std::int64_t>(neighbours.size()), pairs, static_cast<std::int64_t>(size_)};
  }

 private:
  static constexpr std::int32_t kNone = -1;
  Disc disc_;
  vision::Grid<std::int32_t> numbers_;  // of the pixels of the thinned truth
  std::size_t size_ = 0;
};

}  // namespace

CountCurve matched_counts(const Scored& image, std::int64_t tolerance) {
  const OneToOne matching(truth_of(image), tolerance);
  const auto levels = levels_of(image);
  std::array<std::int64_t, kThresholds + 1> pixels{};
  for (const auto level : levels.values) ++pixels[level];
  Mask predicted(levels.height, levels.width);
  Counts counts{0, 0, 0, static_cast<std::int64_t>(matching.truth())};
  CountCurve curve;
  for (std::size_t k = kThresholds; k-- > 0;) {
    if (pixels[k + 1] > 0) {  // else the mask is that of the threshold above
      for (std::size_t i = 0; i < levels.size(); ++i) predicted.values[i] = levels.values[i] > k;
      counts = matching.counts(predicted);
    }
    curve[k] = counts;
  }
  return curve;
}

namespace {

Best best_of(const CountCurve& curve) {
  Best best;
  for (std::size_t k = 0; k < kThresholds; ++k) {
    const double f = f_measure(curve[k]);
    if (f >= best.f) best = {f, k};
  }
  return best;
}

Counts pooled_at(std::span<const CountCurve> images, std::size_t k) {
  Counts pool;
  for (const auto& curve : images) pool += curve[k];
  return pool;
}

}  // namespace

Best ods(std::span<const CountCurve> images) {
  CountCurve pool;
  for (std::size_t k = 0; k < kThresholds; ++k) pool[k] = pooled_at(images, k);
  return best_of(pool);
}

double ois(std::span<const CountCurve> images) {
  Counts pool;
  for (const auto& curve : images) pool += curve[best_of(curve).k];
  return f_measure(pool);
}

double f_at(std::span<const CountCurve> images, std::size_t k) { return f_measure(pooled_at(images, k)); }

double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  std::vector<std::pair<float, std::uint8_t>> ranked;
  ranked.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) ranked.emplace_back(scores[i], positive[i] ? 1 : 0);
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::int64_t taken = 0, right = 0, right_before = 0;
  double sum = 0;  // of (right ones of a group) times (precision after it)
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    ++taken;
    right += ranked[i].second;
    if (i + 1 < ranked.size() && ranked[i + 1].first == ranked[i].first) continue;
    sum += static_cast<double>(right - right_before) * ratio(right, taken);
    right_before = right;
  }
  return right == 0 ? 0 : sum / static_cast<double>(right);
}

double pixel_ap(std::span<const Scored> images) {
  std::vector<float> scores;
  std::vector<std::uint8_t> positive;
  for (const auto& image : images) {
    for (std::size_t i = 0; i < image.p.size(); ++i) {
      if (!judged(image, i)) continue;
      scores.push_back(image.p.values[i]);
      positive.push_back(image.truth.values[i]);
    }
  }
  return average_precision(scores, positive);
}

namespace {

void add_patch(Patches& patches, const Scored& image, std::int64_t top, std::int64_t left, std::int64_t g) {
  bool anything = false;
  float score = 0;
  std::uint8_t label = 0;
  for (std::int64_t i = top; i < top + g; ++i) {
    for (std::int64_t j = left; j < left + g; ++j) {
      if (image.ignored.size() > 0 && image.ignored(i, j)) continue;
      anything = true;
      score = std::max(score, image.p(i, j));
      label = std::max(label, image.truth(i, j));
    }
  }
  if (!anything) return;
  patches.scores.push_back(score);
  patches.positive.push_back(label);
}

}  // namespace

Patches patches_of(const Scored& image, std::int64_t g) {
  Patches patches;
  for (std::int64_t top = 0; top + g <= image.p.height; top += g) {
    for (std::int64_t left = 0; left + g <= image.p.width; left += g) add_patch(patches, image, top, left, g);
  }
  return patches;
}

double best_patch_f(std::span<const Patches> images) {
  std::array<Counts, kThresholds + 1> steps{};
  std::int64_t truth = 0;
  for (const auto& patches : images) {
    for (std::size_t i = 0; i < patches.scores.size(); ++i) {
      const std::int64_t right = patches.positive[i] ? 1 : 0;
      truth += right;
      steps[level_of(patches.scores[i], thresholds())] += Counts{right, 1, right, 0};
    }
  }
  return best_of(summed(steps, truth)).f;
}

namespace {

// Agreement of maps with truths, pixel by pixel, at one threshold.
struct Overlap {
  std::int64_t both = 0, predicted = 0, truth = 0, judged = 0;

  std::int64_t either() const { return predicted + truth - both; }
  double iou() const { return ratio(both, either()); }
  double background_iou() const { return ratio(judged - either(), judged - both); }
  double accuracy() const { return ratio(judged - either() + both, judged); }
};

std::vector<Overlap> overlaps(std::span<const Scored> images, const std::vector<double>& ascending) {
  std::vector<Overlap> steps(ascending.size() + 1);  // by level
  std::int64_t truth = 0, pixels = 0;
  for (const auto& image : images) {
    for (std::size_t i = 0; i < image.p.size(); ++i) {
      if (!judged(image, i)) continue;
      const std::int64_t right = image.truth.values[i] ? 1 : 0;
      auto& step = steps[level_of(image.p.values[i], ascending)];
      step.predicted += 1, step.both += right;
      truth += right, pixels += 1;
    }
  }
  std::vector<Overlap> curve(ascending.size());
  Overlap sum{0, 0, truth, pixels};
  for (std::size_t k = ascending.size(); k-- > 0;) {
    sum.both += steps[k + 1].both, sum.predicted += steps[k + 1].predicted;
    curve[k] = sum;
  }
  return curve;
}

Overlap overlap_at(std::span<const Scored> images, std::size_t k) { return overlaps(images, {threshold(k)}).front(); }

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double iou_at(std::span<const Scored> images, std::size_t k) { return overlap_at(images, k).iou(); }

double best_iou(std::span<const Scored> images) {
  double best = 0;
  for (const auto& overlap : overlaps(images, thresholds())) best = std::max(best, overlap.iou());
  return best;
}

double best_mean_iou(std::span<const Scored> images) {
  double best = 0;
  for (const auto& overlap : overlaps(images, thresholds())) {
    best = std::max(best, (overlap.iou() + overlap.background_iou()) / 2);
  }
  return best;
}

double accuracy_at(std::span<const Scored> images, std::size_t k) { return overlap_at(images, k).accuracy(); }

// Every threshold averages over the same images, so the two means may be taken in either order.
double aiu(std::span<const Scored> images) {
  std::vector<double> hundredths, values;
  for (int percent = 1; percent < 100; ++percent) hundredths.push_back(percent / 100.0);
  for (const auto& image : images) {
    const auto curve = overlaps({&image, 1}, hundredths);
    if (curve.front().truth == 0) continue;
    for (const auto& overlap : curve) values.push_back(overlap.iou());
  }
  return mean(values);
}

namespace {

double cl_dice_of(const Mask& predicted, const Mask& truth) {
  const auto predicted_skeleton = vision::thinned(predicted), truth_skeleton = vision::thinned(truth);
  return harmonic_mean(ratio(count_both(predicted_skeleton, truth), count(predicted_skeleton)),
                       ratio(count_both(truth_skeleton, predicted), count(truth_skeleton)));
}

void append_distances(std::vector<std::int64_t>& squares, const Mask& from, const Mask& to) {
  const auto distance = vision::squared_distance(to);
  each_pixel_of(from, [&](std::int64_t i, std::int64_t j) { squares.push_back(distance(i, j)); });
}

double hd95_of(const Mask& predicted, const Mask& truth) {
  const bool none_predicted = !any(predicted), none_true = !any(truth);
  if (none_predicted && none_true) return 0;
  if (none_predicted || none_true) {
    return std::hypot(static_cast<double>(truth.height), static_cast<double>(truth.width));
  }
  std::vector<std::int64_t> squares;
  append_distances(squares, predicted, truth);
  append_distances(squares, truth, predicted);
  const auto rank = (95 * squares.size() + 99) / 100;  // the nearest one, from 1
  const auto at = squares.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::nth_element(squares.begin(), at, squares.end());
  return std::sqrt(static_cast<double>(*at));
}

template <typename Measure>
double mean_over(std::span<const Scored> images, std::size_t k, bool with_truth_only, const Measure& measure) {
  std::vector<double> values;
  for (const auto& image : images) {
    const auto truth = truth_of(image);
    if (!with_truth_only || any(truth)) values.push_back(measure(predicted_at(image, threshold(k)), truth));
  }
  return mean(values);
}

}  // namespace

double cl_dice(std::span<const Scored> images, std::size_t k) { return mean_over(images, k, true, cl_dice_of); }

double hd95(std::span<const Scored> images, std::size_t k) { return mean_over(images, k, false, hd95_of); }

double betti0_error(std::span<const Scored> images, std::size_t k) {
  return mean_over(images, k, false, [](const Mask& predicted, const Mask& truth) {
    return static_cast<double>(std::abs(vision::components(predicted).count - vision::components(truth).count));
  });
}

}  // namespace assay::cracks
