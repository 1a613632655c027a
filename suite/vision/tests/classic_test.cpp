#include "vision/classic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "pictures.hpp"

namespace assay::vision {
namespace {

// The definition in long double; the smallest threshold wins ties up to rounding.
int naive_otsu(const Grey& image) {
  const auto n = static_cast<long double>(image.size());
  long double total = 0, best = 0;
  for (const auto value : image.values) total += value;
  int threshold = 0;
  for (int t = 0; t < 255; ++t) {
    long double w = 0, m = 0;
    for (const auto value : image.values) {
      if (value <= t) ++w, m += value;
    }
    if (w == 0 || w == n) continue;
    const long double difference = total * w - m * n, variance = difference * difference / (w * (n - w));
    if (variance > best * (1 + 1e-15L)) best = variance, threshold = t;
  }
  return threshold;
}

Grey grey_of(std::vector<std::uint8_t> values) {
  Grey image(1, static_cast<std::int64_t>(values.size()));
  image.values = std::move(values);
  return image;
}

TEST(Otsu, TakesTheFirstOfEqualThresholds) {
  EXPECT_EQ(otsu_threshold(grey_of({50, 200})), 50);
  EXPECT_EQ(otsu_threshold(grey_of({50, 50, 50, 200, 200, 50, 200})), 50);
  EXPECT_EQ(otsu_threshold(grey_of({0, 100, 200})), 0);
  EXPECT_EQ(otsu_threshold(grey_of({7, 7, 7})), 0);
  EXPECT_EQ(otsu_threshold(Grey()), 0);
}

TEST(Otsu, AgreesWithTheDefinition) {
  Stream stream(7);
  for (int round = 0; round < 300; ++round) {
    Grey image(1 + static_cast<std::int64_t>(stream.below(12)), 1 + static_cast<std::int64_t>(stream.below(12)));
    const auto levels = 1 + stream.below(round % 2 ? 256 : 4), step = 255 / levels;
    for (auto& value : image.values) value = static_cast<std::uint8_t>(stream.below(levels) * step);
    ASSERT_EQ(otsu_threshold(image), naive_otsu(image)) << "round " << round;
  }
}

TEST(Otsu, AConstantShiftsTheThreshold) {
  Stream stream(8);
  for (int round = 0; round < 100; ++round) {
    Grey image(20, 20), shifted(20, 20);
    for (auto& value : image.values) value = static_cast<std::uint8_t>(stream.below(100) + stream.below(100));
    std::transform(image.values.begin(), image.values.end(), shifted.values.begin(), [](auto v) { return v + 57; });
    ASSERT_EQ(otsu_threshold(shifted), otsu_threshold(image) + 57);
  }
}

// Counts and sums of a photograph of 40 megapixels still fit.
TEST(Otsu, OfALargeImage) {
  Grey image(5000, 8000, 255);
  std::fill(image.values.begin(), image.values.begin() + 20'000'000, std::uint8_t{0});
  EXPECT_EQ(otsu_threshold(image), 0);
}

// Canny's definition, in two dimensions at once and with a flood fill, on gradients rounded to 1/6000 as ours are.
class NaiveCanny {
 public:
  NaiveCanny(const Grid<float>& image, double sigma) : x_(image.height, image.width), y_(x_), length_(x_) {
    const auto smooth = blurred(image, sigma);
    const auto at = [&](std::int64_t i, std::int64_t j) {
      return smooth(std::clamp<std::int64_t>(i, 0, smooth.height - 1),
                    std::clamp<std::int64_t>(j, 0, smooth.width - 1));
    };
    for (std::int64_t i = 0; i < smooth.height; ++i) {
      for (std::int64_t j = 0; j < smooth.width; ++j) {
        double x = 0, y = 0;
        for (std::int64_t k = -1; k <= 1; ++k) {
          const double weight = k == 0 ? 2 : 1;
          x += weight * (at(i + k, j + 1) - at(i + k, j - 1));
          y += weight * (at(i + 1, j + k) - at(i - 1, j + k));
        }
        x_(i, j) = std::lround(x * 6000), y_(i, j) = std::lround(y * 6000);
        length_(i, j) = x_(i, j) * x_(i, j) + y_(i, j) * y_(i, j);
      }
    }
  }

  Mask edges(double low, double high) const {
    Mask edges(x_.height, x_.width);
    const double weak = 6000 * low * 6000 * low, strong = 6000 * high * 6000 * high;
    std::vector<std::array<std::int64_t, 2>> open;
    for (std::int64_t i = 0; i < x_.height; ++i) {
      for (std::int64_t j = 0; j < x_.width; ++j) {
        if (is_largest(i, j) && static_cast<double>(length_(i, j)) > strong) open.push_back({i, j});
      }
    }
    while (!open.empty()) {
      const auto [i, j] = open.back();
      open.pop_back();
      if (!edges.inside(i, j) || edges(i, j)) continue;
      if (!is_largest(i, j) || static_cast<double>(length_(i, j)) <= weak) continue;
      edges(i, j) = 1;
      for (std::int64_t n = 0; n < 9; ++n) open.push_back({i + n / 3 - 1, j + n % 3 - 1});
    }
    return edges;
  }

 private:
  static Grid<double> blurred(const Grid<float>& image, double sigma) {
    const auto radius = static_cast<std::int64_t>(std::ceil(3 * sigma));
    Grid<double> result(image.height, image.width);
    for (std::int64_t i = 0; i < image.height; ++i) {
      for (std::int64_t j = 0; j < image.width; ++j) {
        double sum = 0, weights = 0;
        for (std::int64_t v = -radius; v <= radius; ++v) {
          for (std::int64_t u = -radius; u <= radius; ++u) {
            const double weight = sigma > 0 ? std::exp(-static_cast<double>(u * u + v * v) / (2 * sigma * sigma)) : 1;
            sum += weight * static_cast<double>(image(std::clamp<std::int64_t>(i + v, 0, image.height - 1),
                                                      std::clamp<std::int64_t>(j + u, 0, image.width - 1)));
            weights += weight;
          }
        }
        result(i, j) = sum / weights;
      }
    }
    return result;
  }

  std::int64_t length(std::int64_t i, std::int64_t j) const { return length_.inside(i, j) ? length_(i, j) : 0; }

  // Of equal lengths along a row or column the first one stays; on a diagonal none does (OpenCV's rule).
  bool is_largest(std::int64_t i, std::int64_t j) const {
    const std::int64_t x = x_(i, j), y = y_(i, j), here = length_(i, j);
    const double tangent = std::tan(std::numbers::pi / 8);
    const auto ax = static_cast<double>(std::abs(x)), ay = static_cast<double>(std::abs(y));
    if (ay < ax * tangent) return here > length(i, j - 1) && here >= length(i, j + 1);
    if (ax < ay * tangent) return here > length(i - 1, j) && here >= length(i + 1, j);
    const std::int64_t s = (x < 0) != (y < 0) ? -1 : 1;
    return here > length(i - 1, j - s) && here > length(i + 1, j + s);
  }

  Grid<std::int64_t> x_, y_, length_;
};

Grid<float> random_image(Stream& stream, std::int64_t height, std::int64_t width) {
  Grid<float> image(height, width);
  for (auto& value : image.values) value = static_cast<float>(stream.uniform());
  return image;
}

TEST(Canny, AgreesWithTheDefinition) {
  Stream stream(9);
  std::int64_t marked = 0;
  for (int round = 0; round < 60; ++round) {
    const auto height = 1 + static_cast<std::int64_t>(stream.below(50)),
               width = 1 + static_cast<std::int64_t>(stream.below(50));
    const double sigma = round % 4 == 0 ? 0 : 0.5 + stream.uniform() * 2;
    const auto image = random_image(stream, height, width);
    const double low = sigma == 0 ? 1 : 0.1 + stream.uniform() * 0.2, high = low * (1.2 + stream.uniform());
    const auto found = canny(image, sigma, low, high);
    ASSERT_EQ(rows_of(found), rows_of(NaiveCanny(image, sigma).edges(low, high))) << "round " << round;
    marked += pixels_in(found);
  }
  EXPECT_GT(marked, 2000);
}

// Gradients up to the largest that there can be: OpenCV's direction test must not overflow.
TEST(Canny, OfBlackAndWhite) {
  Stream stream(10);
  for (int round = 0; round < 20; ++round) {
    auto image = random_image(stream, 30, 30);
    for (auto& value : image.values) value = value < 0.5F ? 0 : 1;
    ASSERT_EQ(rows_of(canny(image, 0, 1, 2)), rows_of(NaiveCanny(image, 0).edges(1, 2)));
  }
}

TEST(Canny, MarksAStepOnce) {
  Grid<float> image(8, 9, 0.2F);
  for (std::int64_t i = 0; i < 8; ++i) {
    for (std::int64_t j = 5; j < 9; ++j) image(i, j) = 0.8F;
  }
  const auto edges = canny(image, 1, 0.03, 0.08);
  for (std::int64_t i = 0; i < 8; ++i) {
    for (std::int64_t j = 0; j < 9; ++j) EXPECT_EQ(edges(i, j), j == 4) << i << "," << j;
  }
}

TEST(Canny, FindsNothingInNothing) {
  EXPECT_EQ(pixels_in(canny(Grid<float>(20, 20, 0.5F), 2, 0.03, 0.08)), 0);
  EXPECT_EQ(canny(Grid<float>(), 2, 0.03, 0.08).size(), 0u);
}

}  // namespace
}  // namespace assay::vision
