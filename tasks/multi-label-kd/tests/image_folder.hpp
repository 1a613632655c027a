// A folder of tiny image files.
#pragma once

#include <array>
#include <opencv2/imgcodecs.hpp>

#include "data/tests/fixture.hpp"

namespace assay::multi_label {

class ImageFolder : public TempFolder {
 protected:
  using Rgb = std::array<int, 3>;

  // A picture of one colour, as PNG (exact) whatever its name, or as JPEG.
  void picture(const std::string& name, const Rgb& colour, int height = 2, int width = 2,
               const char* format = ".png") const {
    std::vector<unsigned char> bytes;
    cv::imencode(format, cv::Mat(height, width, CV_8UC3, cv::Scalar(colour[2], colour[1], colour[0])), bytes);
    write(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  // The error's line, with this folder as "~/".
  std::string fault(const std::function<void()>& work) const { return error_of(work, path("")); }
};

}  // namespace assay::multi_label
