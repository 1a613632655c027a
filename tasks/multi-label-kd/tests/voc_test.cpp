#include "multi-label-kd/voc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "multi-label-kd/labelled_data.hpp"
#include "multi-label-kd/tests/image_folder.hpp"

namespace assay::multi_label {
namespace {

struct Seen {
  std::string name;
  bool difficult = false;
};

std::string annotation(const std::vector<Seen>& objects) {
  std::string xml = "<annotation>\n<folder>VOC2007</folder><size><width>2</width></size>\n";
  for (const auto& object : objects) {
    xml += "<object><name>" + object.name + "</name><pose>Left</pose><difficult>" + (object.difficult ? "1" : "0") +
           "</difficult><part><name>head</name></part></object>\n";
  }
  return xml + "</annotation>\n";
}

class Voc : public ImageFolder {
 protected:
  void SetUp() override {
    ImageFolder::SetUp();
    write("ImageSets/Main/trainval.txt", "000007\n000003\n\n");
    write("ImageSets/Main/test.txt", "000001\r\n");
    image("000007", {{"tvmonitor"}, {"cat", true}, {"tvmonitor"}});
    image("000003", {{"person", true}, {"person"}, {"person", true}});
    image("000001", {});
  }

  void image(const std::string& id, const std::vector<Seen>& objects) const {
    picture("JPEGImages/" + id + ".jpg", {1, 2, 3});
    write("Annotations/" + id + ".xml", annotation(objects));
  }

  ImageList read(Difficult difficult = Difficult::kPositive) const { return read_voc(path(""), difficult); }
  std::string refused() const {
    return fault([&] { read(); });
  }

  static constexpr std::size_t kCat = 7, kPerson = 14, kTvmonitor = 19;
};

TEST_F(Voc, NamesTwentyClassesInAlphabeticalOrder) {
  const auto classes = read().classes;
  EXPECT_EQ(classes.size(), 20u);
  EXPECT_TRUE(std::is_sorted(classes.begin(), classes.end()));
  EXPECT_EQ(classes[kCat] + classes[kPerson] + classes[kTvmonitor], "catpersontvmonitor");
}

TEST_F(Voc, ListsImagesInTheOrderOfTheirSplits) {
  const auto list = read();
  ASSERT_EQ(list.train.size(), 2u);
  EXPECT_EQ(list.train[0].name, "000007.jpg");
  EXPECT_EQ(list.train[0].file, path("JPEGImages/000007.jpg"));
  EXPECT_EQ(list.train[1].name, "000003.jpg");
  EXPECT_TRUE(list.validation.empty());
  ASSERT_EQ(list.test.size(), 1u);
  EXPECT_EQ(list.test[0].labels, std::vector<float>(20, 0));
}

TEST_F(Voc, LabelsAreTheClassesOfTheObjectsAndNotOfTheirParts) {
  const auto labels = read().train[0].labels;
  for (std::size_t c = 0; c < 20; ++c) EXPECT_EQ(labels[c], c == kCat || c == kTvmonitor ? 1 : 0) << c;
}

TEST_F(Voc, DifficultObjectsCountAsAsked) {
  EXPECT_EQ(read(Difficult::kPositive).train[0].labels[kCat], 1);
  EXPECT_EQ(read(Difficult::kNegative).train[0].labels[kCat], 0);
  EXPECT_EQ(read(Difficult::kMask).train[0].labels[kCat], kUnknown);
  for (const auto rule : {Difficult::kPositive, Difficult::kNegative, Difficult::kMask}) {
    const auto list = read(rule);
    EXPECT_EQ(list.train[0].labels[kTvmonitor], 1);
    EXPECT_EQ(list.train[1].labels[kPerson], 1);  // of three, one is not difficult
    EXPECT_EQ(list.train[1].labels[kCat], 0);
  }
}

TEST_F(Voc, RefusesAFolderThatIsNotWhole) {
  std::filesystem::remove(path("JPEGImages/000003.jpg"));
  EXPECT_EQ(refused(),
            "~/JPEGImages/000003.jpg: missing image: expected an image of trainval.txt, found no such file; unpack the "
            "archives of VOC2007 anew");
  std::filesystem::remove(path("Annotations/000007.xml"));
  EXPECT_EQ(refused(),
            "~/Annotations/000007.xml: image without annotation: expected an XML file, found no such file; unpack the "
            "archives of VOC2007 anew");
  write("ImageSets/Main/trainval.txt", "\n");
  EXPECT_NE(
      refused().find("trainval.txt: VOC2007 is not whole: expected the number of an image on each line, found no line"),
      std::string::npos);
  std::filesystem::remove(path("ImageSets/Main/trainval.txt"));
  EXPECT_NE(refused().find("trainval.txt: VOC2007 is not whole: expected a list of images, found no such file"),
            std::string::npos);
}

TEST_F(Voc, RefusesAClassThatItDoesNotKnow) {
  image("000007", {{"tvmonitr"}});
  const auto line = refused();
  EXPECT_NE(line.find("~/Annotations/000007.xml: unknown class"), std::string::npos) << line;
  EXPECT_NE(line.find("found \"tvmonitr\"; did you mean tvmonitor?"), std::string::npos) << line;
  write("Annotations/000007.xml", "<annotation><object><difficult>0</difficult></object></annotation>");
  EXPECT_NE(refused().find("found none"), std::string::npos);
}

TEST_F(Voc, RefusesBrokenXml) {
  write("Annotations/000007.xml", annotation({{"cat"}}).substr(0, 120));
  const auto line = refused();
  EXPECT_NE(line.find("~/Annotations/000007.xml: broken XML: expected an annotation of VOC2007"), std::string::npos)
      << line;
  EXPECT_NE(line.find(" at byte "), std::string::npos) << line;
  write("Annotations/000007.xml", "");
  EXPECT_NE(refused().find("broken XML"), std::string::npos);
  write("Annotations/000007.xml", "<svg/>");
  EXPECT_NE(refused().find("expected the element <annotation>, found <svg>"), std::string::npos);
}

}  // namespace
}  // namespace assay::multi_label
