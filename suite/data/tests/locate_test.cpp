#include "data/locate.hpp"

#include <fstream>

#include "core/hash.hpp"
#include "fixture.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class Locate : public TempFolder {
 protected:
  void SetUp() override {
    TempFolder::SetUp();
    setenv("ASSAY_CACHE", path("cache").c_str(), 1);
    setenv("ASSAY_DATA", path("data").c_str(), 1);
    dataset.id = "toy";
    dataset.homepage = "https://example.org/toy";
    dataset.places = {path("system").string()};
    dataset.files = {{"a", sha256("aaa"), "", 3}, {"b", sha256("bbb"), "", 3}};
  }
  void TearDown() override {
    unsetenv("ASSAY_CACHE");
    unsetenv("ASSAY_DATA");
    TempFolder::TearDown();
  }
  std::string reason() const {
    auto line = locate(dataset).reason();
    const auto name = path("").string();
    for (auto at = line.find(name); at != std::string::npos; at = line.find(name)) line.replace(at, name.size(), "~/");
    return line;
  }

  DataSet dataset;
};

TEST_F(Locate, LooksInAllPlacesInOrder) {
  write("data/a", "aaa");
  write("system/a", "aaa");
  write("cache/data/toy/b", "bbb");
  const auto found = locate(dataset);
  EXPECT_TRUE(found.available());
  EXPECT_EQ(found.reason(), "");
  EXPECT_EQ(found.remedy(), "");
  EXPECT_EQ(found.files[0].path, path("data/a"));
  EXPECT_EQ(found.files[0].checksum, sha256("aaa"));
  EXPECT_EQ(found.files[1].path, path("cache/data/toy/b"));
  write("data/toy/a", "aaa");
  EXPECT_EQ(locate(dataset).files[0].path, path("data/toy/a"));
}

TEST_F(Locate, TheFirstSoundFileWins) {
  write("data/a", "xxx");
  write("system/a", "aaa");
  write("system/b", "bbb");
  EXPECT_TRUE(locate(dataset).available());
  EXPECT_EQ(locate(dataset).files[0].path, path("system/a"));
}

TEST_F(Locate, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(reason(),
            "data set toy: 2 of 2 files are absent (looked in ~/data/toy, ~/data, ~/system, ~/cache/data/toy)");
  write("system/a", "aaa");
  EXPECT_EQ(reason(), "data set toy: b is absent (looked in ~/data/toy, ~/data, ~/system, ~/cache/data/toy)");
  write("system/b", "bb");
  EXPECT_EQ(reason(), "data set toy: ~/system/b has a wrong size: expected 3 bytes, found 2 bytes");
  write("system/b", "xxx");
  EXPECT_EQ(reason(), "data set toy: ~/system/b has a wrong checksum: expected SHA-256 " + sha256("bbb") + ", found " +
                          sha256("xxx"));
  fs::remove(path("system/b"));
  fs::create_directory(path("system/b"));
  EXPECT_EQ(reason(), "data set toy: ~/system/b cannot be read: Is a directory");
}

TEST_F(Locate, TheRemedyIsTheCommandThatHelps) {
  EXPECT_EQ(locate(dataset).remedy(), "see https://example.org/toy");
  dataset.obtain = "ask the authors";
  EXPECT_EQ(locate(dataset).remedy(), "ask the authors");
  dataset.package = "dataset-toy";
  EXPECT_EQ(locate(dataset).remedy(), "sudo apt-get install dataset-toy");
  write("system/a", "broken");
  EXPECT_EQ(locate(dataset).remedy(), "sudo apt-get install --reinstall dataset-toy");
  dataset.files[0].url = "https://example.org/a";
  EXPECT_EQ(locate(dataset).remedy(), "sudo apt-get install --reinstall dataset-toy");
  dataset.files[1].url = "https://example.org/b";
  EXPECT_EQ(locate(dataset).remedy(), "bench data get toy");
}

TEST_F(Locate, RemembersChecksumsByStampAndVerifyDoesNot) {
  const auto file = write("data/a", "aaa");
  write("data/b", "bbb");
  EXPECT_TRUE(locate(dataset).available());
  const auto time = fs::last_write_time(file);
  std::ofstream(file, std::ios::in) << "x";  // the same inode and size, and below the same time
  fs::last_write_time(file, time);
  EXPECT_TRUE(locate(dataset).available());
  EXPECT_EQ(verify(dataset).files[0].state, FileState::kWrongChecksum);
  fs::last_write_time(file, time + std::chrono::seconds(1));
  EXPECT_EQ(locate(dataset).files[0].state, FileState::kWrongChecksum);
}

TEST_F(Locate, ADamagedOrMissingMemoryOnlyCostsTime) {
  write("data/a", "aaa");
  write("data/b", "bbb");
  for (const std::string memory : {"{", "[]", "{\"x\": 3}", "3"}) {
    write("cache/checksums.json", memory);
    EXPECT_TRUE(locate(dataset).available());
  }
  setenv("ASSAY_CACHE", "/proc/no-such-folder", 1);
  EXPECT_TRUE(locate(dataset).available());
}

TEST_F(Locate, AFileWithoutDeclaredChecksumCountsAsItIs) {
  dataset.files[1] = {"b", "", "", 0};
  const auto absent = data_digest(dataset);
  write("data/a", "aaa");
  write("data/b", "anything");
  EXPECT_TRUE(locate(dataset).available());
  EXPECT_EQ(locate(dataset).files[1].checksum, sha256("anything"));
  const auto present = data_digest(dataset);
  EXPECT_NE(present, absent);
  write("data/b", "something else");
  EXPECT_NE(data_digest(dataset), present);
}

TEST_F(Locate, LooksOneLevelBelowTheRootsOfAssayData) {
  write("data/y/toy/a", "aaa");
  write("data/x/toy/a", "aaa");
  write("data/x/toy/b", "bbb");
  write("data/x/a", "aaa");  // not in a folder of the data set's name
  const auto found = locate(dataset);
  EXPECT_EQ(found.files[0].path, path("data/x/toy/a"));
  EXPECT_EQ(found.looked_in, (std::vector<fs::path>{path("data/toy"), path("data"), path("data/x/toy"),
                                                    path("data/y/toy"), path("system"), path("cache/data/toy")}));
  write("data/a", "aaa");
  EXPECT_EQ(locate(dataset).files[0].path, path("data/a"));
}

class LocateFolder : public Locate {
 protected:
  void SetUp() override {
    Locate::SetUp();
    dataset.files = {{"image/", kChecksum, "", 6}};
    write("system/image/b.jpg", "bb");
    write("system/image/a/z.jpg", "zzz");
    write("system/image/a.jpg", "a");
    write("system/image/.hidden", "h");
    write("system/image/.git/config", "c");
  }

  // '.' sorts before '/'.
  const std::string kChecksum =
      sha256("a.jpg " + sha256("a") + "\na/z.jpg " + sha256("zzz") + "\nb.jpg " + sha256("bb") + "\n");
};

TEST_F(LocateFolder, CountsAsOneFile) {
  const auto found = locate(dataset);
  EXPECT_EQ(found.reason(), "");
  EXPECT_EQ(found.files.at(0).path, path("system/image"));
  EXPECT_EQ(found.files.at(0).checksum, kChecksum);
  EXPECT_TRUE(verify(dataset).available());
  EXPECT_EQ(data_digest(dataset), sha256("image/ " + kChecksum + "\n"));
  dataset.files = {{"image/", "", "", 0}};
  EXPECT_EQ(locate(dataset).files.at(0).checksum, kChecksum);
}

TEST_F(LocateFolder, SaysWhatIsWrongWithIt) {
  write("system/image/b.jpg", "bbb");
  EXPECT_EQ(reason(), "data set toy: ~/system/image has a wrong size: expected 6 bytes, found 7 bytes");
  write("system/image/b.jpg", "xx");
  const auto other = sha256("a.jpg " + sha256("a") + "\na/z.jpg " + sha256("zzz") + "\nb.jpg " + sha256("xx") + "\n");
  EXPECT_EQ(reason(),
            "data set toy: ~/system/image has a wrong checksum: expected SHA-256 " + kChecksum + ", found " + other);
  dataset.package = "dataset-toy";
  EXPECT_EQ(locate(dataset).remedy(), "sudo apt-get install --reinstall dataset-toy");
  fs::remove_all(path("system/image"));
  EXPECT_EQ(reason(), "data set toy: image/ is absent (looked in ~/data/toy, ~/data, ~/system, ~/cache/data/toy)");
  fs::create_directory(path("system/image"));
  EXPECT_EQ(reason(), "data set toy: ~/system/image cannot be read: no file in it");
  fs::remove(path("system/image"));
  write("system/image", "a file");
  EXPECT_EQ(reason(), "data set toy: ~/system/image cannot be read: Not a directory");
}

TEST_F(LocateFolder, ARenamedFileIsAnotherFolder) {
  fs::rename(path("system/image/b.jpg"), path("system/image/c.jpg"));
  EXPECT_EQ(locate(dataset).files.at(0).state, FileState::kWrongChecksum);
}

TEST_F(LocateFolder, RemembersTheChecksumOfEachFile) {
  EXPECT_TRUE(locate(dataset).available());
  const auto file = path("system/image/a/z.jpg");
  const auto time = fs::last_write_time(file);
  std::ofstream(file, std::ios::in) << "x";  // the same inode and size, and below the same time
  fs::last_write_time(file, time);
  EXPECT_TRUE(locate(dataset).available());
  EXPECT_EQ(verify(dataset).files.at(0).state, FileState::kWrongChecksum);
}

TEST_F(Locate, NothingIsLookedForWhereDataAreGenerated) {
  dataset.files.clear();
  dataset.generated = true;
  const auto found = locate(dataset);
  EXPECT_TRUE(found.available());
  EXPECT_TRUE(found.looked_in.empty());
  EXPECT_EQ(found.reason(), "");
  EXPECT_EQ(found.remedy(), "");
  EXPECT_TRUE(verify(dataset).available());
  EXPECT_EQ(data_digest(dataset), sha256(""));
}

TEST_F(Locate, TheDigestOfDeclaredChecksumsNeedsNoFile) {
  EXPECT_EQ(data_digest(dataset), sha256("a " + sha256("aaa") + "\nb " + sha256("bbb") + "\n"));
}

}  // namespace
}  // namespace assay
