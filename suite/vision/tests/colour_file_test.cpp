#include "vision/colour_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay::vision {
namespace {

class ColourFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Colour read(const char* format, const cv::Mat& image) const {
    std::vector<unsigned char> bytes;
    cv::imencode(format, image, bytes);
    write_file(folder_ / "image", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return read_colour(folder_ / "image");
  }

  std::filesystem::path folder_;
};

TEST_F(ColourFile, ChannelsAreRedGreenBlueRowByRow) {
  cv::Mat image(2, 3, CV_8UC3);
  for (int i = 0; i < 6; ++i) {
    const auto v = static_cast<unsigned char>(i);
    image.at<cv::Vec3b>(i / 3, i % 3) = {static_cast<unsigned char>(200 + v), static_cast<unsigned char>(100 + v), v};
  }
  const auto colour = read(".png", image);
  ASSERT_EQ(colour.red.height, 2);
  ASSERT_EQ(colour.red.width, 3);
  EXPECT_EQ(colour.red.values, (std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(colour.green.values, (std::vector<std::uint8_t>{100, 101, 102, 103, 104, 105}));
  EXPECT_EQ(colour.blue.values, (std::vector<std::uint8_t>{200, 201, 202, 203, 204, 205}));
}

TEST_F(ColourFile, JpegKeepsItsColour) {
  const auto colour = read(".jpg", cv::Mat(8, 8, CV_8UC3, cv::Scalar(20, 60, 240)));
  EXPECT_NEAR(colour.red(4, 4), 240, 3);
  EXPECT_NEAR(colour.green(4, 4), 60, 3);
  EXPECT_NEAR(colour.blue(4, 4), 20, 3);
}

TEST_F(ColourFile, GreyBecomesThreeEqualChannels) {
  cv::Mat image(4, 4, CV_8UC1);
  for (int i = 0; i < 16; ++i) image.at<unsigned char>(i / 4, i % 4) = static_cast<unsigned char>(16 * i);
  for (const auto* format : {".png", ".jpg"}) {
    const auto colour = read(format, image);
    EXPECT_EQ(colour.red, colour.green);
    EXPECT_EQ(colour.red, colour.blue);
    EXPECT_NEAR(colour.red(1, 2), 96, 12);
  }
}

TEST_F(ColourFile, RefusesWhatIsNoImage) {
  write_file(folder_ / "image", "hello");
  EXPECT_THROW(read_colour(folder_ / "image"), DataError);
  EXPECT_THROW(read_colour(folder_ / "absent"), DataError);
}

}  // namespace
}  // namespace assay::vision
