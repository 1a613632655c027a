// Images in another size.
#pragma once

#include "vision/colour_file.hpp"

namespace assay::vision {

// By OpenCV's bilinear interpolation, without regard to the ratio of the sides.
Colour resized(const Colour& image, std::int64_t height, std::int64_t width);

}  // namespace assay::vision
