#include "open-set-al/tiny_imagenet.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>

#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay::open_set_al {
namespace {

namespace fs = std::filesystem;

// Two classes of two training photographs and one test photograph, each of one colour.
class TinyImageNet : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write_file(data() / "wnids.txt", "n02\nn01\n");
    write_file(data() / "words.txt", "n01\tgoldfish, Carassius auratus\nn02\tbullfrog\nn03\tteapot\n");
    photograph("train/n01/images/n01_0.JPEG", 10);
    photograph("train/n01/images/n01_1.JPEG", 20);
    photograph("train/n02/images/n02_0.JPEG", 30);
    photograph("train/n02/images/n02_1.JPEG", 40, CV_8UC1);
    write_file(data() / "train/n02/n02_boxes.txt", "n02_0.JPEG\t0\t0\t1\t1\n");
    photograph("val/images/val_0.JPEG", 50);
    photograph("val/images/val_1.JPEG", 60);
    write_file(data() / "val/val_annotations.txt", "val_0.JPEG\tn01\t0\t32\t44\t62\nval_1.JPEG\tn02\t3\t3\t59\t61\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path data() const { return folder_ / "tiny-imagenet-200"; }

  // Red has the given value, green and blue have 60 and 120 more; grey has it everywhere.
  void photograph(const std::string& name, int value, int type = CV_8UC3, int side = 64) const {
    const cv::Scalar colour = type == CV_8UC1 ? cv::Scalar(value) : cv::Scalar(value + 120, value + 60, value);
    std::vector<unsigned char> bytes;
    cv::imencode(".jpg", cv::Mat(side, side, type, colour), bytes, {cv::IMWRITE_JPEG_QUALITY, 100});
    write_file(data() / name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  OwnedImages read(const TinyImageNetSize& size = {2, 2, 1}) const {
    Job job;
    job.dataset = "tiny-imagenet";
    job.artefacts = folder_ / "cache";
    job.files = {{"tiny-imagenet-200/", "abc", data()}};
    return read_tiny_imagenet(job, size);
  }

  // "what: where in the folder: expected, found".
  std::string fault(const TinyImageNetSize& size = {2, 2, 1}) const {
    try {
      read(size);
    } catch (const DataError& error) {
      const auto& problem = error.problem();
      const auto where = fs::path(problem.where).lexically_relative(data()).string();
      return problem.what + ": " + where + ": " + problem.expected + ", " + problem.found;
    }
    return "";
  }

  fs::path folder_;
};

std::vector<int> labels_of(const ImageSplit& split) { return {split.labels.begin(), split.labels.end()}; }

int value(const ImageSplit& split, std::size_t image, std::size_t channel) {
  return split.pixels[(image * 3 + channel) * 64 * 64 + 77];
}

TEST_F(TinyImageNet, ClassesAreLinesAndPhotographsInOrderOfTheirNames) {
  const auto owned = read();
  const auto& [train, test] = std::tie(owned.images.train, owned.images.test);
  EXPECT_EQ(owned.images.class_names, (std::vector<std::string>{"bullfrog", "goldfish"}));
  EXPECT_EQ(labels_of(train), (std::vector<int>{0, 0, 1, 1}));
  EXPECT_EQ(labels_of(test), (std::vector<int>{1, 0}));
  EXPECT_EQ(train.count, 4);
  EXPECT_EQ(train.pixels.size(), 4u * 3 * 64 * 64);
  EXPECT_EQ(test.pixels.size(), 2u * 3 * 64 * 64);
  const int red[] = {30, 40, 10, 20};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(value(train, i, 0), red[i], 3);
  EXPECT_NEAR(value(test, 0, 0), 50, 3);
}

TEST_F(TinyImageNet, ChannelsAreRedGreenBlueAndGreyIsExpanded) {
  const auto owned = read();
  for (const int channel : {0, 1, 2}) {
    const auto c = static_cast<std::size_t>(channel);
    EXPECT_NEAR(value(owned.images.train, 0, c), 30 + 60 * channel, 3);
    EXPECT_NEAR(value(owned.images.train, 1, c), 40, 1);
  }
}

TEST_F(TinyImageNet, IsDecodedOnce) {
  const auto first = read();
  fs::remove_all(data());
  const auto again = read();
  EXPECT_EQ(first.images.digest, again.images.digest);
  EXPECT_TRUE(std::ranges::equal(first.images.train.pixels, again.images.train.pixels));
}

TEST_F(TinyImageNet, RefusesAFolderThatIsNotWhole) {
  EXPECT_EQ(fault({3, 2, 1}), "Tiny-ImageNet is not whole: wnids.txt: 3 classes, 2");
  EXPECT_EQ(fault({2, 5, 1}), "Tiny-ImageNet is not whole: train/n02/images: 5 files *.JPEG, 2");
  EXPECT_EQ(fault({2, 2, 4}), "Tiny-ImageNet is not whole: val/val_annotations.txt: 4 lines of n02, 1");
  fs::remove_all(data() / "train/n01");
  EXPECT_EQ(fault(), "cannot read the folder: train/n01/images: , No such file or directory");
  fs::remove_all(data());
  EXPECT_NE(fault(), "");
}

TEST_F(TinyImageNet, RefusesWrongContent) {
  photograph("val/images/val_1.JPEG", 60, CV_8UC3, 32);
  EXPECT_EQ(fault(), "photograph of another size: val/images/val_1.JPEG: 64 x 64, 32 x 32");
  write_file(data() / "val/val_annotations.txt", "val_0.JPEG\tn03\t0\t32\t44\t62\n");
  EXPECT_EQ(
      fault(),
      "damaged annotation: val/val_annotations.txt: a file and one of the classes, \"val_0.JPEG n03 0 32 44 62\"");
  write_file(data() / "train/n02/images/n02_0.JPEG", "no photograph");
  EXPECT_EQ(fault(), "not an image: train/n02/images/n02_0.JPEG: a whole JPEG or PNG file, 13 other bytes");
  write_file(data() / "words.txt", "n01\tgoldfish\n");
  EXPECT_EQ(fault(), "class without a name: words.txt: a line \"n02\", none");
  write_file(data() / "wnids.txt", "n01\nn01\n");
  EXPECT_EQ(fault(), "Tiny-ImageNet is not whole: wnids.txt: 2 different classes, 1");
}

}  // namespace
}  // namespace assay::open_set_al
