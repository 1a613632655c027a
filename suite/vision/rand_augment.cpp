// The constants and rules are those of the package randaugment 1.0.2 (J. Peng, MIT) on Pillow, whose integer arithmetic
// is followed; shears interpolate by OpenCV's cubic kernel, and rotations and translations take the nearest pixel. What
// moves in from outside is grey, 128.
#include "vision/rand_augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <opencv2/imgproc.hpp>
#include <span>
#include <stdexcept>

#include "vision/opencv.hpp"

namespace assay::vision {

namespace {

constexpr int kGreyOutside = 128;
constexpr double kMaxShear = 0.3, kMaxDegrees = 30, kMaxFactor = 0.9, kMaxShift = 150.0 / 331;
constexpr std::int64_t kMaxCutout = 20;
constexpr std::array<std::uint8_t, 3> kCutoutColour{125, 122, 113};

using Planes = std::array<Grid<std::uint8_t>*, 3>;
Planes planes_of(Colour& image) { return {&image.red, &image.green, &image.blue}; }

cv::Mat matrix_of(Grid<std::uint8_t>& plane) {
  return {static_cast<int>(plane.height), static_cast<int>(plane.width), CV_8UC1, plane.values.data()};
}

// --- Changes of single values

using Table = std::array<std::uint8_t, 256>;

void look_up(Grid<std::uint8_t>& plane, const Table& table) {
  for (auto& value : plane.values) value = table[value];
}

Table table_of(const std::function<int(int)>& rule) {
  Table table{};
  for (int v = 0; v < 256; ++v) table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(rule(v));
  return table;
}

void apply_table(Colour& image, const std::function<int(int)>& rule) {
  const auto table = table_of(rule);
  for (auto* plane : planes_of(image)) look_up(*plane, table);
}

void posterize(Colour& image, int strength) {
  const int bits = static_cast<int>(std::lround(8 - 4.0 * strength / kStrongest));
  apply_table(image, [bits](int v) { return v & ~((1 << (8 - bits)) - 1); });
}

void solarize(Colour& image, int strength) {
  const double threshold = 256 - 256.0 * strength / kStrongest;
  apply_table(image, [threshold](int v) { return v < threshold ? v : 255 - v; });
}

void stretch(Grid<std::uint8_t>& plane) {
  const auto [low, high] = std::minmax_element(plane.values.begin(), plane.values.end());
  if (*low == *high) return;
  const double scale = 255.0 / (*high - *low), offset = -*low * scale;
  look_up(plane, table_of([&](int v) { return std::clamp(static_cast<int>(v * scale + offset), 0, 255); }));
}

void equalize(Grid<std::uint8_t>& plane) {
  std::array<std::int64_t, 256> histogram{};
  for (const auto value : plane.values) ++histogram[value];
  const auto highest = *std::max_element(plane.values.begin(), plane.values.end());
  const auto step = (static_cast<std::int64_t>(plane.size()) - histogram[highest]) / 255;
  if (step == 0) return;
  std::int64_t below = step / 2;
  look_up(plane, table_of([&](int v) {
            const auto level = std::min<std::int64_t>(below / step, 255);
            below += histogram[static_cast<std::size_t>(v)];
            return static_cast<int>(level);
          }));
}

// --- Blends with a degenerate image: factor 0 gives that one, 1 the image itself, more exaggerates

std::uint8_t blended(int degenerate, int value, double factor) {
  return static_cast<std::uint8_t>(std::clamp(degenerate + factor * (value - degenerate), 0.0, 255.0));
}

void blend(Grid<std::uint8_t>& plane, const Grid<std::uint8_t>& degenerate, double factor) {
  for (std::size_t i = 0; i < plane.size(); ++i) {
    plane.values[i] = blended(degenerate.values[i], plane.values[i], factor);
  }
}

Grid<std::uint8_t> luminance(const Colour& image) {  // by Pillow's weights of 16 bits
  auto grey = image.red;
  for (std::size_t i = 0; i < grey.size(); ++i) {
    const int sum = 19595 * image.red.values[i] + 38470 * image.green.values[i] + 7471 * image.blue.values[i];
    grey.values[i] = static_cast<std::uint8_t>((sum + 0x8000) >> 16);
  }
  return grey;
}

void change_colour(Colour& image, double factor) {
  const auto grey = luminance(image);
  for (auto* plane : planes_of(image)) blend(*plane, grey, factor);
}

void change_contrast(Colour& image, double factor) {
  const auto grey = luminance(image);
  std::int64_t sum = 0;
  for (const auto value : grey.values) sum += value;
  const int mean = static_cast<int>(static_cast<double>(sum) / static_cast<double>(grey.size()) + 0.5);
  apply_table(image, [&](int v) { return blended(mean, v, factor); });
}

void change_brightness(Colour& image, double factor) {
  apply_table(image, [&](int v) { return blended(0, v, factor); });
}

// 3x3, the middle weighs 5 of 13; pixels at the edge stay.
Grid<std::uint8_t> smoothed(const Grid<std::uint8_t>& plane) {
  auto result = plane;
  for (std::int64_t row = 1; row + 1 < plane.height; ++row) {
    for (std::int64_t column = 1; column + 1 < plane.width; ++column) {
      int sum = 4 * plane(row, column);
      for (std::int64_t i = row - 1; i <= row + 1; ++i) {
        for (std::int64_t j = column - 1; j <= column + 1; ++j) sum += plane(i, j);
      }
      result(row, column) = static_cast<std::uint8_t>((2 * sum + 13) / 26);
    }
  }
  return result;
}

void change_sharpness(Colour& image, double factor) {
  for (auto* plane : planes_of(image)) blend(*plane, smoothed(*plane), factor);
}

// --- Changes of place. The matrix leads from the result's pixels to those of the image, whose centres are at integers.

void warp(Colour& image, const cv::Matx23d& matrix, cv::InterpolationFlags interpolation) {
  prepare_opencv();
  for (auto* plane : planes_of(image)) {
    const cv::Mat source = matrix_of(*plane).clone();
    cv::Mat target = matrix_of(*plane);
    cv::warpAffine(source, target, matrix, target.size(), interpolation | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT,
                   cv::Scalar(kGreyOutside));
  }
}

void shear_x(Colour& image, double by) { warp(image, {1, by, by / 2, 0, 1, 0}, cv::INTER_CUBIC); }
void shear_y(Colour& image, double by) { warp(image, {1, 0, 0, by, 1, by / 2}, cv::INTER_CUBIC); }
void translate(Colour& image, double x, double y) { warp(image, {1, 0, x, 0, 1, y}, cv::INTER_NEAREST); }

void rotate(Colour& image, double degrees) {  // counter-clockwise about the middle
  const double angle = degrees * CV_PI / 180, cosine = std::cos(angle), sine = std::sin(angle);
  const double x = static_cast<double>(image.red.width - 1) / 2, y = static_cast<double>(image.red.height - 1) / 2;
  warp(image, {cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y}, cv::INTER_NEAREST);
}

void cut_out(Colour& image, int strength, Stream& stream) {
  const auto half = std::lround(static_cast<double>(kMaxCutout * strength) / kStrongest) / 2;
  const auto [height, width] = std::pair{image.red.height, image.red.width};
  const auto row = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(height)));
  const auto column = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(width)));
  const auto planes = planes_of(image);
  for (std::size_t channel = 0; channel < planes.size(); ++channel) {
    for (auto i = std::max<std::int64_t>(row - half, 0); i < std::min(row + half, height); ++i) {
      for (auto j = std::max<std::int64_t>(column - half, 0); j < std::min(column + half, width); ++j) {
        (*planes[channel])(i, j) = kCutoutColour[channel];
      }
    }
  }
}

}  // namespace

Colour changed(const Colour& image, Change change, int strength, bool negative, Stream& stream) {
  Colour result = image;
  const double sign = negative ? -1 : 1, share = static_cast<double>(strength) / kStrongest;
  const double factor = 1 + sign * share * kMaxFactor;
  switch (change) {
    case Change::kInvert:
      apply_table(result, [](int v) { return 255 - v; });
      break;
    case Change::kCutout:
      cut_out(result, strength, stream);
      break;
    case Change::kSharpness:
      change_sharpness(result, factor);
      break;
    case Change::kAutoContrast:
      for (auto* plane : planes_of(result)) stretch(*plane);
      break;
    case Change::kPosterize:
      posterize(result, strength);
      break;
    case Change::kShearX:
      shear_x(result, sign * share * kMaxShear);
      break;
    case Change::kTranslateX:
      translate(result, sign * share * kMaxShift * static_cast<double>(image.red.width), 0);
      break;
    case Change::kTranslateY:
      translate(result, 0, sign * share * kMaxShift * static_cast<double>(image.red.height));
      break;
    case Change::kShearY:
      shear_y(result, sign * share * kMaxShear);
      break;
    case Change::kRotate:
      rotate(result, share * kMaxDegrees);
      break;  // one direction only
    case Change::kEqualize:
      for (auto* plane : planes_of(result)) equalize(*plane);
      break;
    case Change::kContrast:
      change_contrast(result, factor);
      break;
    case Change::kColour:
      change_colour(result, factor);
      break;
    case Change::kSolarize:
      solarize(result, strength);
      break;
    case Change::kBrightness:
      change_brightness(result, factor);
      break;
  }
  return result;
}

Colour rand_augment(const Colour& image, Stream& stream) {
  Colour result = image;
  for (int i = 0; i < 2; ++i) {
    const auto change = static_cast<Change>(stream.below(kChanges));
    const int strength = 1 + static_cast<int>(stream.below(kStrongest));
    const bool done = stream.uniform() < 0.5;
    const bool negative = stream.below(2) == 1;
    if (done) result = changed(result, change, strength, negative, stream);
  }
  return result;
}

}  // namespace assay::vision
