// Small maps, and what the specification says about them written again as literally as it stands there: the tests of the
// metrics hold the quick ways against these.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/streams.hpp"
#include "crack-detection/pixel_metrics.hpp"
#include "vision/regions.hpp"

namespace assay::cracks::oracle {

using vision::Mask;

struct Rectangle {  // first and last row and column
  std::int64_t top, bottom, left, right;
};

inline Mask filled(std::int64_t height, std::int64_t width, const std::vector<Rectangle>& rectangles) {
  Mask mask(height, width);
  for (const auto& [top, bottom, left, right] : rectangles) {
    for (auto i = top; i <= bottom; ++i) {
      for (auto j = left; j <= right; ++j) mask(i, j) = 1;
    }
  }
  return mask;
}

inline Scored sure(const Mask& predicted, const Mask& truth) {
  Scored image{vision::Grid<float>(truth.height, truth.width), truth, {}};
  std::copy(predicted.values.begin(), predicted.values.end(), image.p.values.begin());
  return image;
}

// A few blobs of truth; scores that are higher there, on few levels, so that ties occur, and at the ends of the scale.
inline Scored random_image(std::uint64_t seed, std::int64_t height, std::int64_t width, bool with_ignored = false) {
  Stream random(seed);
  Scored image{vision::Grid<float>(height, width), Mask(height, width), {}};
  for (auto blobs = random.below(4); blobs > 0; --blobs) {
    const auto row = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(height)));
    const auto left = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(width - 4)));
    for (auto j = left; j < left + 4; ++j) image.truth(row, j) = 1;
  }
  for (std::size_t i = 0; i < image.p.size(); ++i) {
    const double score = 0.6 * random.uniform() + (image.truth.values[i] && random.below(3) > 0 ? 0.4 : 0);
    image.p.values[i] = static_cast<float>(std::round(score * 20) / 20);
  }
  if (with_ignored) {
    image.ignored = Mask(height, width);
    for (auto& value : image.ignored.values) value = random.below(4) == 0;
  }
  return image;
}

inline std::vector<Scored> random_images() {
  std::vector<Scored> images;
  for (std::uint64_t seed = 0; seed < 12; ++seed) images.push_back(random_image(seed, 9, 12, seed % 3 == 0));
  return images;
}

// From here on everything is written again as literally as the specification has it.
struct Pixel {
  std::int64_t i, j;
};
using Pixels = std::vector<Pixel>;

inline bool is_judged(const Scored& image, std::int64_t i, std::int64_t j) {
  return image.ignored.size() == 0 || !image.ignored(i, j);
}

template <typename Condition>
inline Pixels where(const Scored& image, const Condition& condition) {
  Pixels pixels;
  for (std::int64_t i = 0; i < image.p.height; ++i) {
    for (std::int64_t j = 0; j < image.p.width; ++j) {
      if (is_judged(image, i, j) && condition(i, j)) pixels.push_back({i, j});
    }
  }
  return pixels;
}

inline Pixels predicted(const Scored& image, double t) {
  return where(image, [&](std::int64_t i, std::int64_t j) { return image.p(i, j) >= t; });
}
inline Pixels truth(const Scored& image) {
  return where(image, [&](std::int64_t i, std::int64_t j) { return image.truth(i, j) != 0; });
}

inline std::int64_t squared(const Pixel& p, const Pixel& q) {
  return (p.i - q.i) * (p.i - q.i) + (p.j - q.j) * (p.j - q.j);
}

inline std::int64_t near(const Pixels& from, const Pixels& to, std::int64_t tolerance) {
  return std::count_if(from.begin(), from.end(), [&](const Pixel& p) {
    return std::any_of(to.begin(), to.end(), [&](const Pixel& q) { return squared(p, q) <= tolerance * tolerance; });
  });
}

inline Mask mask_of(const Pixels& pixels, const Scored& image) {
  Mask mask(image.p.height, image.p.width);
  for (const auto& [i, j] : pixels) mask(i, j) = 1;
  return mask;
}

inline Pixels pixels_of(const Mask& mask) {
  Pixels pixels;
  for (std::int64_t i = 0; i < mask.height; ++i) {
    for (std::int64_t j = 0; j < mask.width; ++j) {
      if (mask(i, j)) pixels.push_back({i, j});
    }
  }
  return pixels;
}

// Maximum matching by augmenting paths, one at a time (Kuhn).
inline bool augment(std::size_t left, const Pixels& a, const Pixels& b, std::int64_t tolerance, std::vector<bool>& seen,
                    std::vector<int>& partner) {
  for (std::size_t right = 0; right < b.size(); ++right) {
    if (seen[right] || squared(a[left], b[right]) > tolerance * tolerance) continue;
    seen[right] = true;
    if (partner[right] < 0 || augment(static_cast<std::size_t>(partner[right]), a, b, tolerance, seen, partner)) {
      partner[right] = static_cast<int>(left);
      return true;
    }
  }
  return false;
}

inline std::int64_t matched(const Pixels& a, const Pixels& b, std::int64_t tolerance) {
  std::vector<int> partner(b.size(), -1);
  std::int64_t pairs = 0;
  for (std::size_t left = 0; left < a.size(); ++left) {
    std::vector<bool> seen(b.size(), false);
    pairs += augment(left, a, b, tolerance, seen, partner);
  }
  return pairs;
}

inline void expect_equal(const Counts& counts, const std::array<std::int64_t, 4>& expected) {
  EXPECT_EQ((std::array<std::int64_t, 4>{counts.near_truth, counts.predicted, counts.found, counts.truth}), expected);
}

}  // namespace assay::cracks::oracle
