#include "data/download.hpp"

#include <sys/resource.h>

#include <csignal>

#include "core/hash.hpp"
#include "fixture.hpp"
#include "http_server.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

using Requests = std::vector<std::string>;

bool go_on(const DataFile&, std::uint64_t) { return true; }

class Download : public TempFolder {
 protected:
  // A file declared to hold `content`, to be fetched from `url`.
  DataFile declared(const std::string& url) const { return {"toy.bin", sha256(content), url, content.size()}; }
  void fetch(const std::string& url) const { download(declared(url), path("got"), go_on); }
  std::string error(const std::function<void()>& work) const { return error_of(work, path("")); }
  std::string refused(const std::string& url) const {
    return error([&] { fetch(url); });
  }
  fs::path got() const { return path("got/toy.bin"); }
  fs::path part() const { return path("got/toy.bin.part"); }

  const std::string content = "0123456789abcdefghij";
};

TEST_F(Download, FetchesAndChecks) {
  HttpServer server({{"/toy", {content}}});
  std::uint64_t arrived = 0;
  download(declared(server.url("/toy")), path("got"), [&](const DataFile& file, std::uint64_t bytes) {
    EXPECT_EQ(file.name, "toy.bin");
    arrived = bytes;
    return true;
  });
  EXPECT_EQ(read_file(got()), content);
  EXPECT_EQ(arrived, content.size());
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, AFileThatIsThereIsNotFetchedAgain) {
  write("got/toy.bin", content);
  HttpServer server({});
  fetch(server.url("/toy"));
  EXPECT_EQ(server.stop(), Requests{});
}

TEST_F(Download, ADamagedFileIsReplaced) {
  write("got/toy.bin", "damaged");
  fetch("file://" + write("origin", content).string());
  EXPECT_EQ(read_file(got()), content);
}

TEST_F(Download, GoesOnWhereAnEarlierCallEnded) {
  write("got/toy.bin.part", content.substr(0, 7));
  HttpServer server({{"/toy", {content}}});
  fetch(server.url("/toy"));
  EXPECT_EQ(read_file(got()), content);
  EXPECT_EQ(server.stop(), Requests{"/toy from 7"});
}

TEST_F(Download, ABrokenConnectionKeepsThePart) {
  HttpServer server({{"/toy", {content, true, 8}}});
  const auto url = server.url("/toy");
  EXPECT_EQ(refused(url),
            url +
                ": the connection broke off: found transfer closed with 12 bytes remaining to read; repeat the "
                "command to go on from there");
  EXPECT_EQ(read_file(part()), content.substr(0, 8));
  EXPECT_NE(refused(url), "no error");
  fetch(url);
  EXPECT_EQ(read_file(got()), content);
  EXPECT_EQ(server.stop(), (Requests{"/toy", "/toy from 8", "/toy from 16"}));
}

TEST_F(Download, AServerWithoutRangesSendsAllAgain) {
  write("got/toy.bin.part", "0123");
  HttpServer server({{"/toy", {content, false}}});
  fetch(server.url("/toy"));
  EXPECT_EQ(read_file(got()), content);
  EXPECT_EQ(server.stop(), (Requests{"/toy from 4", "/toy"}));
}

TEST_F(Download, APartThatIsTooLongIsDropped) {
  write("got/toy.bin.part", content + "more");
  HttpServer server({{"/toy", {content}}});
  fetch(server.url("/toy"));
  EXPECT_EQ(server.stop(), Requests{"/toy"});
}

TEST_F(Download, OtherBytesAreRefusedAndDropped) {
  auto other = content;
  other[3] = 'X';
  HttpServer server({{"/other", {other}}, {"/short", {"0123"}}});
  EXPECT_EQ(refused(server.url("/other")), server.url("/other") + ": wrong checksum: expected SHA-256 " +
                                               sha256(content) + ", found " + sha256(other) +
                                               "; repeat the command; if it stays, the file has changed at its origin");
  EXPECT_EQ(refused(server.url("/short")), server.url("/short") +
                                               ": wrong size: expected 20 bytes, found 4; repeat the command; if it "
                                               "stays, the file has changed at its origin");
  EXPECT_FALSE(fs::exists(got()));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, SaysWhatWentWrong) {
  HttpServer server({});
  EXPECT_EQ(refused(server.url("/none")),
            server.url("/none") +
                ": the server refused: expected HTTP status 200, found 404; look for the file "
                "at the data set's page");
  EXPECT_EQ(
      refused("http://no-such-host.invalid/x"),
      "http://no-such-host.invalid/x: unknown host: found Could not resolve host: no-such-host.invalid; check the "
      "network connection");
  EXPECT_EQ(refused("file:///no/such/file"), "file:///no/such/file: no such file");
}

TEST_F(Download, AnInterruptionKeepsThePart) {
  HttpServer server({{"/toy", {content}}});
  const auto file = declared(server.url("/toy"));
  EXPECT_EQ(error([&] { download(file, path("got"), [](auto&, auto) { return false; }); }),
            file.url + ": download interrupted; repeat the command to go on from there");
  EXPECT_TRUE(fs::exists(part()));
  EXPECT_FALSE(fs::exists(got()));
}

TEST_F(Download, ADiskThatTakesNoMoreIsNamed) {
  const auto url = "file://" + write("origin", content).string();
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tiny{8, before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tiny);
  const auto line = refused(url);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(
      line,
      "~/got/toy.bin.part: cannot store the download: found File too large; check the folder's permissions, or set "
      "ASSAY_CACHE to another folder");
}

class DownloadSet : public Download {
 protected:
  void SetUp() override {
    Download::SetUp();
    setenv("ASSAY_CACHE", path("cache").c_str(), 1);
    dataset.id = "toy";
    dataset.obtain = "ask the authors";
    dataset.files = {declared("file://" + write("origin", content).string())};
  }
  void TearDown() override {
    unsetenv("ASSAY_CACHE");
    Download::TearDown();
  }
  DataSet dataset;
};

TEST_F(DownloadSet, FetchesOnlyWhatIsMissing) {
  EXPECT_EQ(download_missing(dataset, go_on), 1);
  EXPECT_EQ(read_file(path("cache/data/toy/toy.bin")), content);
  EXPECT_EQ(download_missing(dataset, go_on), 0);
}

TEST_F(DownloadSet, SaysHowToObtainTheRest) {
  dataset.files.push_back({"labels", "", "", 0});
  EXPECT_EQ(error([&] { download_missing(dataset, go_on); }),
            "data set toy: no address is declared for labels; ask the authors");
  EXPECT_EQ(read_file(path("cache/data/toy/toy.bin")), content);
}

}  // namespace
}  // namespace assay
