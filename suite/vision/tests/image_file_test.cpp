#include "vision/image_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <string_view>

#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay::vision {
namespace {

using namespace std::string_view_literals;

class ImageFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(std::string_view bytes) const {
    write_file(folder_ / "image", bytes);
    return folder_ / "image";
  }
  Grey read(std::string_view bytes) const { return read_grey(write(bytes)); }

  // What is wrong with it: "damaged image: no end after 3 bytes".
  std::string fault(std::string_view bytes) const {
    const auto file = write(bytes);
    try {
      read_grey(file);
    } catch (const DataError& error) {
      EXPECT_EQ(error.problem().where, file.string());
      return error.problem().what + ": " + error.problem().found;
    }
    return "";
  }

  std::filesystem::path folder_;
};

std::string encoded(const char* format, const cv::Mat& image, const std::vector<int>& options = {}) {
  std::vector<unsigned char> bytes;
  cv::imencode(format, image, bytes, options);
  return {bytes.begin(), bytes.end()};
}

cv::Mat grey_ramp() {
  cv::Mat image(16, 24, CV_8UC1);
  for (int i = 0; i < image.rows; ++i) {
    for (int j = 0; j < image.cols; ++j) image.at<unsigned char>(i, j) = static_cast<unsigned char>(10 * j + i / 2);
  }
  return image;
}

TEST_F(ImageFile, GreyPngIsReadExactly) {
  const auto image = grey_ramp();
  const auto grey = read(encoded(".png", image));
  ASSERT_EQ(grey.height, 16);
  ASSERT_EQ(grey.width, 24);
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < 24; ++j) EXPECT_EQ(grey(i, j), image.at<unsigned char>(i, j));
  }
}

TEST_F(ImageFile, OneBitBecomesBlackAndWhite) {
  cv::Mat image = (cv::Mat_<unsigned char>(2, 3) << 0, 255, 0, 255, 255, 0);
  const auto bytes = encoded(".png", image, {cv::IMWRITE_PNG_BILEVEL, 1});
  EXPECT_EQ(bytes[24], 1) << "the test needs a file of one bit";
  EXPECT_EQ(read(bytes).values, (std::vector<std::uint8_t>{0, 255, 0, 255, 255, 0}));
}

TEST_F(ImageFile, SixteenBitsKeepTheUpperOnes) {
  cv::Mat image = (cv::Mat_<unsigned short>(1, 3) << 0, 0x8000, 0xffff);
  EXPECT_EQ(read(encoded(".png", image)).values, (std::vector<std::uint8_t>{0, 128, 255}));
}

TEST_F(ImageFile, ColourIsWeighed) {
  cv::Mat image(1, 4, CV_8UC3);
  image.at<cv::Vec3b>(0, 0) = {255, 0, 0};  // blue
  image.at<cv::Vec3b>(0, 1) = {0, 255, 0};
  image.at<cv::Vec3b>(0, 2) = {0, 0, 255};
  image.at<cv::Vec3b>(0, 3) = {30, 30, 30};
  const std::vector<std::uint8_t> expected{29, 150, 76, 30};
  auto bytes = encoded(".png", image);
  EXPECT_EQ(read(bytes).values, expected);
  // The same with a stated gamma of 1/2.2, by which libpng's own conversion would weigh linear light.
  bytes.insert(33, "\0\0\0\4gAMA\0\0\xb1\x8f\x0b\xfc\x61\x05"sv);
  EXPECT_EQ(read(bytes).values, expected);
}

TEST_F(ImageFile, JpegIsReadUnturned) {
  const auto image = grey_ramp();
  auto bytes = encoded(".jpg", image, {cv::IMWRITE_JPEG_QUALITY, 100});
  const auto plain = read(bytes);
  ASSERT_EQ(plain.width, 24);
  for (int j = 0; j < 24; ++j) EXPECT_NEAR(plain(5, j), image.at<unsigned char>(5, j), 2);
  // A camera's note that the picture must be turned by 90 degrees (EXIF orientation 6).
  bytes.insert(2,
               "\xff\xe1\0\x22"
               "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"sv);
  EXPECT_EQ(cv::imdecode(std::vector<char>(bytes.begin(), bytes.end()), cv::IMREAD_GRAYSCALE).cols, 16);
  EXPECT_EQ(read(bytes), plain);
}

TEST_F(ImageFile, RefusesWhatIsNoImage) {
  EXPECT_EQ(fault(""), "not an image: 0 other bytes");
  EXPECT_EQ(fault("hello"), "not an image: 5 other bytes");
  EXPECT_EQ(fault(encoded(".bmp", grey_ramp())), "not an image: 1462 other bytes");
  EXPECT_THROW(read_grey(folder_ / "absent"), DataError);
  EXPECT_THROW(read_grey(folder_), DataError);
}

TEST_F(ImageFile, RefusesBrokenFiles) {
  testing::internal::CaptureStderr();
  for (const auto* format : {".png", ".jpg"}) {
    const auto bytes = encoded(format, grey_ramp());
    for (std::size_t size = 8; size + 1 < bytes.size(); size += 1 + size / 8) {
      EXPECT_EQ(fault(bytes.substr(0, size)), "damaged image: no end after " + std::to_string(size) + " bytes");
    }
  }
  auto png = encoded(".png", grey_ramp());
  png[60] = static_cast<char>(png[60] ^ 0xff);  // within the compressed pixels: their checksum is wrong now
  EXPECT_EQ(fault(png), "damaged image: what OpenCV cannot decode");
  EXPECT_EQ(fault("\xff\xd8\xff\xda\0\0\xff\xd9"sv), "damaged image: what OpenCV cannot decode");
  std::cout << testing::internal::GetCapturedStderr();
}

// The preview within a camera's JPEG has an end of its own, which must not count as the picture's.
TEST_F(ImageFile, AnEndWithinThePreviewIsNoEnd) {
  auto bytes = encoded(".jpg", grey_ramp());
  bytes.insert(2, "\xff\xe1\0\x08\xff\xd8\xff\xd9\0\0"sv);
  EXPECT_EQ(fault(bytes), "");
  bytes.resize(bytes.size() - 2);
  EXPECT_EQ(fault(bytes).substr(0, 20), "damaged image: no en");
  EXPECT_EQ(fault(bytes + "\xff\xd9 and more"), "");
}

}  // namespace
}  // namespace assay::vision
