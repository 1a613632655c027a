// Image files, decoded by OpenCV.
#pragma once

#include <filesystem>

#include "vision/grid.hpp"

namespace assay::vision {

// A JPEG or PNG file of any depth (1-bit PNG becomes 0 and 255) as 8-bit grey; colour by OpenCV's weights .299, .587,
// .114. DataError (file, expected, found) where it is absent, damaged, or no image.
Grey read_grey(const std::filesystem::path& file);

}  // namespace assay::vision
