// Small pictures for the tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "core/streams.hpp"
#include "vision/grid.hpp"

namespace assay::vision {

// '#' is in the mask.
inline Mask mask_of(const std::vector<std::string>& rows) {
  Mask mask(static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows.at(0).size()));
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask.values[i] = rows[i / rows[0].size()][i % rows[0].size()] == '#';
  }
  return mask;
}

inline std::vector<std::string> rows_of(const Mask& mask) {
  std::vector<std::string> rows(static_cast<std::size_t>(mask.height));
  for (std::int64_t i = 0; i < mask.height; ++i) {
    for (std::int64_t j = 0; j < mask.width; ++j) rows[static_cast<std::size_t>(i)] += mask(i, j) ? '#' : '.';
  }
  return rows;
}

inline std::int64_t pixels_in(const Mask& mask) {
  std::int64_t count = 0;
  for (const auto value : mask.values) count += value;
  return count;
}

inline Mask random_mask(Stream& stream, std::int64_t height, std::int64_t width, double share) {
  Mask mask(height, width);
  for (auto& value : mask.values) value = stream.uniform() < share;
  return mask;
}

// Discs and bars, as thick as real shapes are: noise alone leaves thinning and labelling little to do.
inline Mask random_shapes(Stream& stream, std::int64_t height, std::int64_t width, int shapes) {
  Mask mask(height, width);
  for (int k = 0; k < shapes; ++k) {
    const double y = stream.uniform() * static_cast<double>(height), x = stream.uniform() * static_cast<double>(width);
    const double radius = 1 + stream.uniform() * 8, length = stream.uniform() * 30, slope = stream.uniform() * 2 - 1;
    for (std::int64_t i = 0; i < height; ++i) {
      for (std::int64_t j = 0; j < width; ++j) {
        const double dx = static_cast<double>(j) - x, dy = static_cast<double>(i) - y;
        const bool disc = dx * dx + dy * dy < radius * radius;
        const bool bar = dx > 0 && dx < length && dy > slope * dx && dy < slope * dx + radius / 2;
        if (disc || bar) mask(i, j) = 1;
      }
    }
  }
  return mask;
}

}  // namespace assay::vision
