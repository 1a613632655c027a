// Image files in colour, decoded by OpenCV.
#pragma once

#include <filesystem>

#include "vision/grid.hpp"

namespace assay::vision {

struct Colour {
  Grid<std::uint8_t> red, green, blue;
};

// A JPEG or PNG file of any depth as 8-bit colour; of a grey one, all three are equal. DataError as read_grey.
Colour read_colour(const std::filesystem::path& file);

}  // namespace assay::vision
