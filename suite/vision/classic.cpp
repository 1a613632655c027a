#include "vision/classic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "vision/opencv.hpp"

namespace assay::vision {

namespace {

__extension__ using Wide = unsigned __int128;

// square / divisor, compared without rounding: two thresholds tie exactly or not at all.
struct Variance {
  Wide whole = 0;
  std::uint64_t rest = 0, divisor = 1;

  Variance() = default;
  Variance(std::uint64_t root, std::uint64_t by) : divisor(by) {
    const Wide square = Wide{root} * root;
    whole = square / by;
    rest = static_cast<std::uint64_t>(square % by);
  }
  bool operator>(const Variance& other) const {
    if (whole != other.whole) return whole > other.whole;
    return Wide{rest} * other.divisor > Wide{other.rest} * divisor;
  }
};

}  // namespace

// Not cv::threshold: it computes in double, and where the histogram is empty between two levels rounding decides which
// of the equal thresholds it returns.
int otsu_threshold(const Grey& image) {
  std::array<std::int64_t, 256> histogram{};
  std::int64_t all_sum = 0;
  for (const auto value : image.values) ++histogram[value], all_sum += value;
  const auto all = static_cast<std::int64_t>(image.size());
  Variance best;
  int threshold = 0;
  std::int64_t count = 0, sum = 0;
  for (int t = 0; t < 256; ++t) {
    const std::int64_t here = histogram[static_cast<std::size_t>(t)];
    count += here;
    sum += here * t;
    if (count == 0 || count == all) continue;
    const std::int64_t difference = std::abs(all_sum * count - sum * all);
    const Variance variance(static_cast<std::uint64_t>(difference), static_cast<std::uint64_t>(count * (all - count)));
    if (variance > best) best = variance, threshold = t;
  }
  return threshold;
}

namespace {

// Gradients are rounded to 1/6000, since cv::Canny takes integers of 16 bits. The largest gradient, 4, becomes 24000: from
// 27146 on OpenCV's test of the direction overflows.
constexpr double kGradientScale = 6000;

// Sampled weights to 3 sigma. They are rounded to 2^-30, since mathematics libraries differ in the last digit of exp.
std::vector<double> gaussian(double sigma) {
  const auto radius = static_cast<std::int64_t>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t x = -radius; x <= radius; ++x) {
    const double exact = sigma > 0 ? std::exp(-static_cast<double>(x * x) / (2 * sigma * sigma)) : 1;
    weights.push_back(std::round(exact * 0x1p30) * 0x1p-30);
    sum += weights.back();
  }
  for (auto& weight : weights) weight /= sum;
  return weights;
}

// Weighted sums along the rows, transposed: two calls smooth both directions. Beyond the edge its value goes on.
Grid<double> smoothed_rows_transposed(const Grid<double>& image, const std::vector<double>& weights) {
  const auto taps = static_cast<std::int64_t>(weights.size()), radius = taps / 2;
  Grid<double> result(image.width, image.height);
  std::vector<double> row(static_cast<std::size_t>(image.width + 2 * radius));
  for (std::int64_t i = 0; i < image.height; ++i) {
    for (std::int64_t j = -radius; j < image.width + radius; ++j) {
      row[static_cast<std::size_t>(j + radius)] = image(i, std::clamp<std::int64_t>(j, 0, image.width - 1));
    }
    for (std::int64_t j = 0; j < image.width; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < taps; ++k) {
        sum += weights[static_cast<std::size_t>(k)] * row[static_cast<std::size_t>(j + k)];
      }
      result(j, i) = sum;
    }
  }
  return result;
}

Grid<double> blurred(const Grid<float>& image, double sigma) {
  Grid<double> exact(image.height, image.width);
  std::copy(image.values.begin(), image.values.end(), exact.values.begin());
  const auto weights = gaussian(sigma);
  return smoothed_rows_transposed(smoothed_rows_transposed(exact, weights), weights);
}

std::int16_t quantised(double gradient) {
  return static_cast<std::int16_t>(std::lround(std::clamp(gradient, -4.0, 4.0) * kGradientScale));
}

struct Gradients {
  Grid<std::int16_t> x, y;
};

Gradients sobel(const Grid<double>& image) {
  Gradients gradients{Grid<std::int16_t>(image.height, image.width), Grid<std::int16_t>(image.height, image.width)};
  for (std::int64_t i = 0; i < image.height; ++i) {
    const std::int64_t up = std::max<std::int64_t>(i - 1, 0), down = std::min(i + 1, image.height - 1);
    for (std::int64_t j = 0; j < image.width; ++j) {
      const std::int64_t left = std::max<std::int64_t>(j - 1, 0), right = std::min(j + 1, image.width - 1);
      gradients.x(i, j) = quantised((image(up, right) - image(up, left)) + 2 * (image(i, right) - image(i, left)) +
                                    (image(down, right) - image(down, left)));
      gradients.y(i, j) = quantised((image(down, left) - image(up, left)) + 2 * (image(down, j) - image(up, j)) +
                                    (image(down, right) - image(up, right)));
    }
  }
  return gradients;
}

}  // namespace

Mask canny(const Grid<float>& image, double sigma, double low, double high) {
  Mask edges(image.height, image.width);
  if (image.size() == 0) return edges;
  prepare_opencv();
  auto gradients = sobel(blurred(image, sigma));
  const int rows = static_cast<int>(image.height), columns = static_cast<int>(image.width);
  const cv::Mat x(rows, columns, CV_16SC1, gradients.x.values.data()),
      y(rows, columns, CV_16SC1, gradients.y.values.data());
  cv::Mat marks(rows, columns, CV_8UC1, edges.values.data());
  cv::Canny(x, y, marks, low * kGradientScale, high * kGradientScale, true);
  for (auto& value : edges.values) value = value != 0;
  return edges;
}

}  // namespace assay::vision
