#include "crack-detection/photographs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "learn/png.hpp"

namespace assay::cracks {
namespace {

namespace fs = std::filesystem;
using Pixels = std::vector<std::uint8_t>;

std::vector<std::string> ids(const std::vector<Photograph>& photographs) {
  std::vector<std::string> names;
  for (const auto& photograph : photographs) names.push_back(photograph.id);
  return names;
}

class PhotographFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) const { write_file(folder_ / name, bytes); }
  // PNG whatever its name: files are decoded by what is in them.
  void write_image(const std::string& name, const Pixels& pixels, std::int64_t height, std::int64_t width) const {
    write(name, learn::png(pixels, 1, height, width));
  }

  Photographs read(const std::string& reader, const std::vector<std::string>& names, std::int64_t shrink = 1) const {
    std::map<std::string, fs::path> folders;
    for (const auto& name : names) folders[name] = folder_ / name.substr(0, name.size() - 1);
    return read_photographs(reader, folders, shrink);
  }

  // The error's line with the temporary folder's name as "~".
  std::string fault(const std::string& reader, const std::vector<std::string>& names) const {
    try {
      read(reader, names);
    } catch (const DataError& error) {
      std::string line = error.what();
      const auto name = folder_.string();
      for (auto at = line.find(name); at != std::string::npos; at = line.find(name)) {
        line.erase(at, name.size());  // not replace(): g++ 12 warns falsely about it
        line.insert(at, 1, '~');
      }
      return line;
    }
    return "";
  }

  fs::path folder_;
};

class CrackForest : public PhotographFiles {
 protected:
  static constexpr const char* kHeader = "image C:\\x.jpg\nwidth 4\nheight 2\nsegments 4\ngray 1\ndata\n";

  void put(const std::string& id, const std::string& runs) const {
    write_image("image/" + id + ".jpg", {10, 20, 30, 40, 50, 60, 70, 80}, 2, 4);
    write("seg/" + id + ".seg", kHeader + runs);
  }
  std::string fault_of(const std::string& runs) const {
    put("001", runs);
    return fault("cfd", {"image/", "seg/"});
  }
};

TEST_F(CrackForest, CracksAreLabels1And3AndRunsIncludeTheirEnd) {
  put("001", "0 0 0 0\r\n1 0 1 2\r\n2 0 3 3\r\n2 1 0 1\r\n3 1 2 2\r\n0 1 3 3\r\n");
  const auto found = read("cfd", {"image/", "seg/"});
  ASSERT_EQ(ids(found.train), std::vector<std::string>{"image/001"});
  EXPECT_EQ(found.train[0].grey.values, (Pixels{10, 20, 30, 40, 50, 60, 70, 80}));
  EXPECT_EQ(found.train[0].crack.values, (Pixels{0, 1, 1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(found.train[0].ignored.size(), 0u);
}

TEST_F(CrackForest, EveryFifthNumberIsATest) {
  for (const std::string id : {"010", "001", "005", "006", "104", "110"}) put(id, "0 0 0 3\n0 1 0 3\n");
  const auto found = read("cfd", {"image/", "seg/"});
  EXPECT_EQ(ids(found.test), (std::vector<std::string>{"image/005", "image/010", "image/110"}));
  EXPECT_EQ(ids(found.train), (std::vector<std::string>{"image/001", "image/006", "image/104"}));
}

TEST_F(CrackForest, SaysWhatIsWrong) {
  const std::string damaged = "~/seg/001.seg: damaged label file: expected ", again = "; get the file anew";
  const std::string lines = damaged + "lines \"label row first last\" within the picture, label 0..3, found ";
  EXPECT_EQ(fault_of("0 0 0 3\n0 1 0 2\n"), damaged + "a label for each pixel, found none for 1" + again);
  EXPECT_EQ(fault_of("0 0 0 4\n"), lines + "\"0 0 0 4\"" + again);
  EXPECT_EQ(fault_of("0 2 0 3\n"), lines + "\"0 2 0 3\"" + again);
  EXPECT_EQ(fault_of("4 0 0 3\n"), lines + "\"4 0 0 3\"" + again);
  EXPECT_EQ(fault_of("0 0 2\n"), lines + "\"0 0 2\"" + again);
  write("seg/001.seg", "width 4\nheight 2\n");
  EXPECT_EQ(fault("cfd", {"image/", "seg/"}),
            damaged + "lines \"width\", \"height\" and \"data\", found not all of them" + again);
  fs::remove(folder_ / "seg/001.seg");
  EXPECT_EQ(
      fault("cfd", {"image/", "seg/"}),
      "~/image/001.jpg: image without a label: expected ~/seg/001.seg, found no such file; get the data set anew");
  put("001", "0 0 0 3\n0 1 0 3\n");
  write_image("image/001.jpg", Pixels(9, 0), 3, 3);
  EXPECT_EQ(fault("cfd", {"image/", "seg/"}),
            "~/seg/001.seg: image and label differ in size: expected 3 x 3 as 001.jpg, found 4 x 2; get the data set "
            "anew");
  put("x1", "");
  EXPECT_EQ(fault("cfd", {"image/", "seg/"}).substr(0, 30), "~/seg/001.seg: image and label");
  fs::remove(folder_ / "image/001.jpg");
  EXPECT_EQ(fault("cfd", {"image/", "seg/"}),
            "~/image/x1.jpg: unknown image: expected a number as its name, found x1; keep other files out of the "
            "folder");
}

class PaveSeg : public PhotographFiles {
 protected:
  void put(const std::string& id, const Pixels& labels) const {
    write_image("img/" + id + ".jpg", {10, 20, 30, 40, 50, 60, 70, 81}, 2, 4);
    Pixels colour;
    for (int channel = 0; channel < 3; ++channel) colour.insert(colour.end(), labels.begin(), labels.end());
    write("label/" + id + "_mask.png", learn::png(colour, 3, 2, 4));
  }
};

TEST_F(PaveSeg, CracksAre30AndAlligatorAreasAreIgnored) {
  put("000001", {0, 30, 60, 90, 120, 150, 180, 210});
  put("000002", {0, 30, 60, 90, 120, 0, 180, 210});
  const auto found = read("paveseg", {"img/", "label/"});
  EXPECT_EQ(found.test.at(0).crack.values, (Pixels{0, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(found.test.at(0).ignored.values, (Pixels{0, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(found.train.at(0).ignored.size(), 0u);
  put("000003", {0, 30, 60, 90, 121, 0, 180, 210});
  EXPECT_EQ(fault("paveseg", {"img/", "label/"}),
            "~/label/000003_mask.png: unknown label: expected grey values 0, 30, ..., 210, found 121; get the file "
            "anew: labels must not be scaled or compressed");
}

TEST_F(PaveSeg, EveryThirdOfTheSortedListIsATest) {
  for (const std::string id : {"000009", "000001", "000004", "000080", "000021"}) put(id, Pixels(8, 0));
  write_image("img/.000000.jpg", {0}, 1, 1);
  const auto found = read("paveseg", {"img/", "label/"});
  EXPECT_EQ(ids(found.test), (std::vector<std::string>{"img/000001", "img/000021"}));
  EXPECT_EQ(ids(found.train), (std::vector<std::string>{"img/000004", "img/000009", "img/000080"}));
}

TEST_F(PaveSeg, ShrinkingAveragesGreyAndKeepsTheThinnestCrack) {
  put("1", {0, 30, 0, 0, 0, 0, 150, 0});
  const auto found = read("paveseg", {"img/", "label/"}, 2).test.at(0);
  EXPECT_EQ(found.grey.values, (Pixels{35, 55}));  // 35; 55.25
  EXPECT_EQ(found.crack.values, (Pixels{1, 0}));
  EXPECT_EQ(found.ignored.values, (Pixels{0, 1}));
  write_image("img/1.jpg", {1, 2, 2, 0, 3, 2, 2, 0, 9, 9, 9, 9}, 3, 4);
  write_image("label/1_mask.png", {0, 0, 30, 0, 0, 0, 0, 0, 30, 30, 30, 30}, 3, 4);
  const auto cut = read("paveseg", {"img/", "label/"}, 3).test.at(0);  // a row and a column are left over
  EXPECT_EQ(cut.grey.values, Pixels{4});                               // 39 / 9 = 4.3
  EXPECT_EQ(cut.crack.values, Pixels{1});
  EXPECT_EQ(read("paveseg", {"img/", "label/"}, 2).test.at(0).grey.values, (Pixels{2, 1}));
}

class DeepCrack : public PhotographFiles {};

TEST_F(DeepCrack, LabelsMayHaveOneBitAndNamesMayOccurInBothSplits) {
  const auto one_bit = base64_decode(  // 0110 above 1000
      "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACAQAAAABX00DOAAAADElEQVR4nGNIYGgAAAGkAOE9H470AAAAAElFTkSuQmCC");
  for (const std::string split : {"train", "test"}) {
    write_image(split + "_img/11142.jpg", Pixels(8, split == "test" ? 7 : 3), 2, 4);
  }
  write_image("train_lab/11142.png", {0, 127, 128, 255, 0, 0, 1, 254}, 2, 4);
  write("test_lab/11142.png", one_bit.value());
  write_image("train_img/b.jpg", Pixels(8, 1), 2, 4);
  write_image("train_lab/b.png", Pixels(8, 0), 2, 4);
  const std::vector<std::string> names{"train_img/", "train_lab/", "test_img/", "test_lab/"};
  const auto found = read("deepcrack", names);
  EXPECT_EQ(ids(found.train), (std::vector<std::string>{"train_img/11142", "train_img/b"}));
  EXPECT_EQ(ids(found.test), std::vector<std::string>{"test_img/11142"});
  EXPECT_EQ(found.train[0].crack.values, (Pixels{0, 0, 1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(found.test[0].crack.values, (Pixels{0, 1, 1, 0, 1, 0, 0, 0}));
  EXPECT_EQ(found.test[0].grey.values, Pixels(8, 7));
  write("train_img/b.jpg", "\xff\xd8\xff broken");
  EXPECT_EQ(fault("deepcrack", names).substr(0, 34), "~/train_img/b.jpg: damaged image: ");
}

class Crack500 : public PhotographFiles {};

TEST_F(Crack500, ImageAndMaskLieSideBySide) {
  for (const std::string name : {"traincrop/a", "traincrop/b", "testcrop/a"}) {
    write_image(name + ".jpg", {1, 2}, 1, 2);
    write_image(name + ".png", {0, 255}, 1, 2);
  }
  const auto found = read("crack500", {"traincrop/", "testcrop/"});
  EXPECT_EQ(ids(found.train), (std::vector<std::string>{"traincrop/a", "traincrop/b"}));
  EXPECT_EQ(ids(found.test), std::vector<std::string>{"testcrop/a"});
  EXPECT_EQ(found.test[0].grey.values, (Pixels{1, 2}));
  EXPECT_EQ(found.test[0].crack.values, (Pixels{0, 1}));
}

TEST_F(PhotographFiles, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(fault("forest", {}),
            "forest: unknown reader of photographs: expected one of cfd, crack500, deepcrack, paveseg, found forest");
  EXPECT_EQ(fault("crack500", {"traincrop/"}).substr(0, 47), "~/traincrop: cannot read the folder: found No s");
  EXPECT_EQ(fault("crack500", {"testcrop/"}),
            "crack500: the data set declares no folder: expected traincrop/, found none");
  fs::create_directory(folder_ / "traincrop");
  EXPECT_EQ(fault("crack500", {"traincrop/", "testcrop/"}),
            "~/traincrop: no images: expected files *.jpg, found none; get the data set anew");
}

// ---- the real ones, where they are -----------------------------------------------------------------------------------

// <root>/<id> or <root>/*/<id> of $ASSAY_DATA; "" where there is none.
fs::path real(const std::string& id) {
  const char* roots = std::getenv("ASSAY_DATA");
  for (const auto& root : split(roots ? roots : "", ':')) {
    if (root.empty() || !fs::is_directory(root)) continue;
    if (fs::is_directory(fs::path(root) / id)) return fs::path(root) / id;
    for (const auto& item : fs::directory_iterator(root)) {
      if (fs::is_directory(item.path() / id)) return item.path() / id;
    }
  }
  return "";
}

std::int64_t count(const vision::Mask& mask) {
  return std::accumulate(mask.values.begin(), mask.values.end(), std::int64_t{0});
}

TEST(RealPhotographs, CrackForestHasItsKnownFigures) {
  const auto folder = real("cfd");
  if (folder.empty()) GTEST_SKIP() << "no cfd in $ASSAY_DATA";
  const auto found = read_photographs("cfd", {{"image/", folder / "image"}, {"seg/", folder / "seg"}}, 1);
  EXPECT_EQ(found.train.size(), 95u);
  EXPECT_EQ(found.test.size(), 23u);
  std::map<std::string, std::int64_t> cracks;  // pixels by image
  std::int64_t all = 0;
  for (const auto* split : {&found.train, &found.test}) {
    for (const auto& one : *split) {
      ASSERT_EQ(one.grey.width, 480);
      ASSERT_EQ(one.grey.height, 320);
      all += cracks[one.id] = count(one.crack);
    }
  }
  std::vector<std::int64_t> sorted;
  for (const auto& [id, pixels] : cracks) sorted.push_back(pixels);
  std::sort(sorted.begin(), sorted.end());
  const auto median = static_cast<double>(sorted.at(58) + sorted.at(59)) / 2;
  EXPECT_NEAR(median / (480 * 320), 0.01319, 0.000005);
  EXPECT_EQ(all, 292885 + 1352);         // labels 1 and 3; 120201 more pixels have label 2
  EXPECT_EQ(cracks["image/101"], 8859);  // with label 2 it would be 54199
}

TEST(RealPhotographs, PaveSegIsReadAndShrunk) {
  const auto folder = real("paveseg");
  if (folder.empty()) GTEST_SKIP() << "no paveseg in $ASSAY_DATA";
  const auto found = read_photographs("paveseg", {{"img/", folder / "img"}, {"label/", folder / "label"}}, 4);
  EXPECT_EQ(found.train.size(), 20u);
  EXPECT_EQ(found.test.size(), 10u);
  std::int64_t without = 0;
  for (const auto* split : {&found.train, &found.test}) {
    for (const auto& one : *split) {
      EXPECT_EQ(one.grey.width, 320);
      EXPECT_EQ(one.grey.height, 270);
      EXPECT_EQ(one.ignored.size(), 0u) << one.id;
      without += count(one.crack) == 0;
    }
  }
  EXPECT_EQ(without, 5);
}

}  // namespace
}  // namespace assay::cracks
