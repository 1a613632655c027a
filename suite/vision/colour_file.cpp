#include "vision/colour_file.hpp"

#include <array>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "vision/image_file.hpp"

namespace assay::vision {

Colour read_colour(const std::filesystem::path& file) {
  const auto grey = read_grey(file);  // refuses what is no whole image
  const auto bytes = read_file(file);
  const cv::Mat source(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  const auto image = cv::imdecode(source, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  Colour colour{grey, grey, grey};
  std::vector<cv::Mat> planes;  // in OpenCV's order
  for (auto* plane : {&colour.blue, &colour.green, &colour.red}) {
    planes.emplace_back(image.rows, image.cols, CV_8UC1, plane->values.data());
  }
  cv::split(image, planes);
  return colour;
}

}  // namespace assay::vision
