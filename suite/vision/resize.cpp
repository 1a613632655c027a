#include "vision/resize.hpp"

#include <opencv2/imgproc.hpp>

#include "vision/opencv.hpp"

namespace assay::vision {

namespace {

Grid<std::uint8_t> resized(const Grid<std::uint8_t>& plane, std::int64_t height, std::int64_t width) {
  Grid<std::uint8_t> result(height, width);
  const cv::Mat source(static_cast<int>(plane.height), static_cast<int>(plane.width), CV_8UC1,
                       const_cast<std::uint8_t*>(plane.values.data()));
  cv::Mat target(static_cast<int>(height), static_cast<int>(width), CV_8UC1, result.values.data());
  cv::resize(source, target, target.size(), 0, 0, cv::INTER_LINEAR);
  return result;
}

}  // namespace

Colour resized(const Colour& image, std::int64_t height, std::int64_t width) {
  prepare_opencv();
  return {resized(image.red, height, width), resized(image.green, height, width), resized(image.blue, height, width)};
}

}  // namespace assay::vision
