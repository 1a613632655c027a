#include "multi-label-kd/label_table.hpp"

#include <gtest/gtest.h>

#include "multi-label-kd/labelled_data.hpp"
#include "multi-label-kd/tests/image_folder.hpp"

namespace assay::multi_label {
namespace {

class LabelTable : public ImageFolder {
 protected:
  void SetUp() override {
    ImageFolder::SetUp();
    for (const auto* name : {"a.png", "b.png", "c.png", "sub/d.png", "odd, \"name\".png"}) write(name, "picture");
  }

  ImageList read(const std::string& table) const {
    write("labels.csv", table);
    return read_label_table(path(""));
  }
  // What follows the table's name in the error's line: "line: expected ..., found ...".
  std::string refused(const std::string& table) const {
    auto line = fault([&] { read(table); });
    const std::string name = "~/labels.csv:", remedy = "; mend the table";
    const auto at = line.find(name);
    if (at != std::string::npos) line.erase(at, name.size());
    return line.ends_with(remedy) ? line.substr(0, line.size() - remedy.size()) : line;
  }
};

using Labels = std::vector<float>;

TEST_F(LabelTable, OfColumnsHasYesNoAndUnknown) {
  const auto list = read("file,split,sky,sea\na.png,train,1,0\nsub/d.png,test,,1\nb.png,train,0,0\nc.png,val,1,1\n");
  EXPECT_EQ(list.classes, (std::vector<std::string>{"sky", "sea"}));
  ASSERT_EQ(list.train.size(), 2u);
  EXPECT_EQ(list.train[0].name, "a.png");
  EXPECT_EQ(list.train[0].labels, (Labels{1, 0}));
  EXPECT_EQ(list.train[1].labels, (Labels{0, 0}));
  ASSERT_EQ(list.validation.size(), 1u);
  ASSERT_EQ(list.test.size(), 1u);
  EXPECT_EQ(list.test[0].file, path("sub/d.png"));
  EXPECT_EQ(list.test[0].labels, (Labels{kUnknown, 1}));
}

TEST_F(LabelTable, OfNamesHasTheClassesThatOccur) {
  const auto list = read("file,split,labels\na.png,train,sea;sky\nb.png,test,dune\nc.png,train,\n");
  EXPECT_EQ(list.classes, (std::vector<std::string>{"dune", "sea", "sky"}));
  EXPECT_EQ(list.train[0].labels, (Labels{0, 1, 1}));
  EXPECT_EQ(list.train[1].labels, (Labels{0, 0, 0}));
  EXPECT_EQ(list.test[0].labels, (Labels{1, 0, 0}));
  EXPECT_TRUE(list.validation.empty());
}

TEST_F(LabelTable, FollowsRfc4180) {
  const auto list = read(
      "\xef\xbb\xbf"
      "file,split,\"sky, \"\"blue\"\"\",\"two\nlines\"\r\n"
      "\"odd, \"\"name\"\".png\",\"train\",\"1\",\r\n\r\n"
      "a.png,test,0,\"0\"");
  EXPECT_EQ(list.classes, (std::vector<std::string>{"sky, \"blue\"", "two\nlines"}));
  EXPECT_EQ(list.train[0].name, "odd, \"name\".png");
  EXPECT_EQ(list.train[0].labels, (Labels{1, kUnknown}));
  EXPECT_EQ(list.test[0].labels, (Labels{0, 0}));
}

TEST_F(LabelTable, TellsTheLineOfEachFault) {
  const std::string head = "file,split,sky\na.png,train,1\nb.png,test,0\n";
  EXPECT_EQ(refused(head), "no error");
  EXPECT_EQ(refused(head + "e.png,train,1\n"), "4: unknown file: expected ~/e.png, found no such file");
  EXPECT_EQ(refused(head + "../a.png,train,1\n"),
            "4: not a file of the folder: expected a path within it, found \"../a.png\"");
  EXPECT_EQ(refused(head + ",train,1\n"), "4: not a file of the folder: expected a path within it, found \"\"");
  EXPECT_EQ(refused(head + "c.png,val,1\n./a.png,val,1\n"), "5: file twice: expected one row, found another on line 2");
  EXPECT_EQ(refused(head + "c.png,dev,1\n"), "4: unknown split: expected train, val or test, found \"dev\"");
  EXPECT_EQ(refused(head + "c.png,val\n"), "4: row of another length: expected 3 fields, found 2");
  EXPECT_EQ(refused(head + "c.png,val,1,0\n"), "4: row of another length: expected 3 fields, found 4");
  EXPECT_EQ(refused(head + "c.png,val,yes\n"), "4: not a label: expected 0, 1 or nothing, found yes");
  EXPECT_EQ(refused("file,split,sky\na.png,train,1\n"),
            "2: no test image: expected rows with the split test, found none up to this last row");
  EXPECT_EQ(refused("file,split,sky\na.png,test,1\nb.png,val,1\n"),
            "3: no training image: expected rows with the split train, found none up to this last row");
}

TEST_F(LabelTable, CountsLinesWithinQuotes) {
  EXPECT_EQ(refused("file,split,\"two\nlines\"\na.png,train,1\nb.png,test,2\n"),
            "4: not a label: expected 0, 1 or nothing, found 2");
}

TEST_F(LabelTable, RefusesDamagedFields) {
  const std::string head = "file,split,sky\n";
  EXPECT_EQ(refused(head + "\"a.png,train,1\n"),
            "2: damaged field: expected a quote at its end, found the end of the file");
  EXPECT_EQ(refused(head + "\"a\".png,train,1\n"),
            "2: damaged field: expected a comma or the end of the line after a quoted field, found \".\"");
  EXPECT_EQ(refused(head + "a\"b.png,train,1\n"),
            "2: damaged field: expected quotes around the whole field, found a\"b.png");
}

TEST_F(LabelTable, RefusesAHeadThatIsNone) {
  const auto expected = std::string("expected file,split,<class>,... or file,split,labels, found ");
  EXPECT_EQ(refused("name,split,sky\n"), "1: not the head of a label table: " + expected + "name,split,sky");
  EXPECT_EQ(refused("file,split\n"), "1: not the head of a label table: " + expected + "file,split");
  EXPECT_EQ(refused("file,split,sky,sky\n"),
            "1: not a class: expected a name for each column, none twice, found \"sky\"");
  EXPECT_EQ(refused("file,split,sky,\n"), "1: not a class: expected a name for each column, none twice, found \"\"");
  EXPECT_EQ(refused("\n"), "1: not the head of a label table: expected file,split,..., found nothing");
}

TEST_F(LabelTable, OfNamesTellsTheLineOfItsFaults) {
  const std::string head = "file,split,labels\na.png,train,sky\nb.png,test,sea\n";
  const auto expected = std::string("4: not a list of labels: expected names separated by ';', none twice, found ");
  EXPECT_EQ(refused(head + "c.png,val,sky;;sea\n"), expected + "sky;;sea");
  EXPECT_EQ(refused(head + "c.png,val,sky;sky\n"), expected + "sky;sky");
  EXPECT_EQ(refused("file,split,labels\na.png,train,\nb.png,test,\n"),
            "1: no class: expected a label in some row, found none");
}

TEST_F(LabelTable, RefusesAFolderWithoutOne) {
  EXPECT_EQ(fault([&] { read_label_table(path("")); }),
            "~/labels.csv: folder without a label table: expected a CSV file, found no such file; write one");
}

}  // namespace
}  // namespace assay::multi_label
