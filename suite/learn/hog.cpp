#include "learn/hog.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace assay::learn {

namespace {

constexpr std::int64_t kCell = 4, kBins = 8;

struct Plane {
  std::int64_t height = 0, width = 0;
  std::vector<double> values;

  double at(std::int64_t row, std::int64_t column) const {  // black outside
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? values[static_cast<std::size_t>(row * width + column)] : 0;
  }
};

void read_mean_of_channels(const std::uint8_t* pixels, std::int64_t channels, Plane& plane) {
  const auto size = plane.height * plane.width;
  for (std::int64_t i = 0; i < size; ++i) {
    int sum = 0;
    for (std::int64_t channel = 0; channel < channels; ++channel) sum += pixels[channel * size + i];
    plane.values[static_cast<std::size_t>(i)] = static_cast<double>(sum) / static_cast<double>(channels);
  }
}

// Adds a gradient to the two bins beside its orientation.
void vote(double right, double down, double* bins) {
  const double magnitude = std::hypot(right, down);
  if (magnitude == 0) return;
  double angle = std::atan2(down, right);
  if (angle < 0) angle += std::numbers::pi;
  const double position = angle / std::numbers::pi * kBins;
  const auto below = static_cast<std::int64_t>(position);
  const double share = position - static_cast<double>(below);
  bins[below % kBins] += magnitude * (1 - share);
  bins[(below + 1) % kBins] += magnitude * share;
}

void normalise(std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  if (squares == 0) return;
  for (double& value : values) value /= std::sqrt(squares);
}

void fill_histograms(const Plane& plane, std::vector<double>& histograms) {
  std::fill(histograms.begin(), histograms.end(), 0);
  const auto cell_rows = plane.height / kCell, cell_columns = plane.width / kCell;
  for (std::int64_t row = 0; row < cell_rows * kCell; ++row) {
    for (std::int64_t column = 0; column < cell_columns * kCell; ++column) {
      const auto cell = row / kCell * cell_columns + column / kCell;
      vote(plane.at(row, column + 1) - plane.at(row, column - 1), plane.at(row + 1, column) - plane.at(row - 1, column),
           histograms.data() + cell * kBins);
    }
  }
  normalise(histograms);
  for (double& value : histograms) value = std::sqrt(value);
  normalise(histograms);
}

}  // namespace

torch::Tensor oriented_histograms(const torch::Tensor& pixels) {
  const auto bytes = pixels.contiguous();
  const auto n = bytes.size(0), channels = bytes.size(1);
  Plane plane{bytes.size(2), bytes.size(3), {}};
  plane.values.resize(static_cast<std::size_t>(plane.height * plane.width));
  std::vector<double> histograms(static_cast<std::size_t>(plane.height / kCell * (plane.width / kCell) * kBins));
  const auto rows = torch::empty({n, static_cast<std::int64_t>(histograms.size())});
  const auto* image = bytes.const_data_ptr<std::uint8_t>();
  float* to = rows.data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    read_mean_of_channels(image, channels, plane);
    fill_histograms(plane, histograms);
    to = std::transform(histograms.begin(), histograms.end(), to, [](double v) { return static_cast<float>(v); });
    image += channels * plane.height * plane.width;
  }
  return rows;
}

torch::Tensor PrincipalAxes::scores(const torch::Tensor& rows) const {
  return (rows.to(torch::kFloat64) - mean).mm(axes).to(torch::kFloat32);
}

PrincipalAxes principal_axes(const torch::Tensor& rows, std::int64_t count) {
  const auto values = rows.to(torch::kFloat64);
  const auto mean = values.mean(0);
  const auto centred = values - mean;
  const auto [ascending, axes_ascending] = torch::linalg_eigh(centred.t().mm(centred));
  const auto spread = ascending.flip(0);
  // Beyond the rank, what is left of the spread is rounding.
  constexpr double kRounding = 1e-10;
  const auto rank = spread.gt(spread[0].clamp_min(0) * kRounding).sum().item<std::int64_t>();
  const auto axes = axes_ascending.flip(1).narrow(1, 0, std::min(count, rank));
  const auto largest = axes.gather(0, axes.abs().argmax(0, /*keepdim=*/true));
  return {mean, (axes * largest.sign()).contiguous()};
}

}  // namespace assay::learn
