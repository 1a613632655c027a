// A picture as plain numbers: one value a pixel, row by row. Pixel (row i, column j) has its centre at x = j, y = i.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::vision {

template <typename T>
struct Grid {
  std::int64_t height = 0, width = 0;
  std::vector<T> values;  // [height * width]

  Grid() = default;
  Grid(std::int64_t rows, std::int64_t columns, T value = T())
      : height(rows), width(columns), values(static_cast<std::size_t>(rows * columns), value) {}

  T& operator()(std::int64_t row, std::int64_t column) { return values[index(row, column)]; }
  const T& operator()(std::int64_t row, std::int64_t column) const { return values[index(row, column)]; }
  bool inside(std::int64_t row, std::int64_t column) const {
    return row >= 0 && row < height && column >= 0 && column < width;
  }
  std::size_t size() const { return values.size(); }

  friend bool operator==(const Grid&, const Grid&) = default;

 private:
  std::size_t index(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(row * width + column);
  }
};

using Mask = Grid<std::uint8_t>;  // 0 or 1
using Grey = Grid<std::uint8_t>;  // 0 black .. 255 white

}  // namespace assay::vision
