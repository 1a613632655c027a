#include "vision/image_file.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "vision/opencv.hpp"

namespace assay::vision {

namespace {

using namespace std::string_view_literals;

constexpr auto kJpegBegin = "\xff\xd8\xff"sv, kJpegEnd = "\xff\xd9"sv;
constexpr auto kPngBegin = "\x89PNG\r\n\x1a\n"sv, kPngEnd = "\0\0\0\0IEND\xae\x42\x60\x82"sv;

// Where a JPEG's pixels begin. What lies before it (a camera's preview) may hold whole pictures with ends of their own.
std::size_t jpeg_scan(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  std::size_t at = 2;
  while (at + 4 <= bytes.size() && byte(at) == 0xff && byte(at + 1) != 0xda) {
    const bool filling = byte(at + 1) == 0xff;
    at += filling ? 1 : 2u + byte(at + 2) * 256u + byte(at + 3);
  }
  return at;
}

// Decoders paint what is missing at a broken file's end grey, and say nothing that we could catch.
bool is_whole(std::string_view bytes, bool jpeg) {
  return bytes.find(jpeg ? kJpegEnd : kPngEnd, jpeg ? jpeg_scan(bytes) : 0) != std::string_view::npos;
}

// Nothing where OpenCV cannot make a picture of it. A JPEG's luminance is decoded as it is stored, whereas a PNG comes by
// way of colour: OpenCV leaves a PNG's grey to libpng, which weighs otherwise where the file states a gamma.
std::optional<cv::Mat> decoded(const std::string& bytes, bool jpeg) {
  const cv::Mat source(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  const int flags = (jpeg ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR) | cv::IMREAD_IGNORE_ORIENTATION;
  try {
    cv::Mat image = cv::imdecode(source, flags);
    if (image.empty()) return std::nullopt;
    if (!jpeg) cv::cvtColor(image, image, cv::COLOR_BGR2GRAY);
    return image;
  } catch (const cv::Exception&) {
    return std::nullopt;
  }
}

}  // namespace

Grey read_grey(const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  const auto refuse = [&](const std::string& what, const std::string& found) {
    throw DataError({what, file.string(), "a whole JPEG or PNG file", found, "get the file anew"});
  };
  const bool jpeg = bytes.starts_with(kJpegBegin);
  if (!jpeg && !bytes.starts_with(kPngBegin)) refuse("not an image", std::to_string(bytes.size()) + " other bytes");
  if (!is_whole(bytes, jpeg)) refuse("damaged image", "no end after " + std::to_string(bytes.size()) + " bytes");
  prepare_opencv();
  const auto image = decoded(bytes, jpeg);
  if (!image) refuse("damaged image", "what OpenCV cannot decode");
  Grey grey(image->rows, image->cols);
  image->copyTo(cv::Mat(image->rows, image->cols, CV_8UC1, grey.values.data()));
  return grey;
}

}  // namespace assay::vision
