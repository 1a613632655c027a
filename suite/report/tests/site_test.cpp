#include "report/site.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "report/tests/synthetic.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = ASSAY_SOURCE_DIR;

std::map<std::string, std::string> bytes_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& item : fs::recursive_directory_iterator(folder)) {
    if (item.is_regular_file()) files[item.path().lexically_relative(folder).string()] = read_file(item.path());
  }
  return files;
}

class Site : public testing::Test {
 protected:
  explicit Site(const synthetic::Size& size = {})
      : catalog_(synthetic::make_checkout(root_.path(), size, kSource)),
        store_(root_.path() / "results.db", Store::Mode::kWrite) {
    size_ = size;
  }

  std::string page(const std::string& path) const { return read_file(root_.path() / "site" / path); }
  SiteSummary write() { return write_site(catalog_, store_, root_.path() / "site"); }
  void fill() { synthetic::fill(store_, size_); }

  synthetic::TemporaryFolder root_;
  synthetic::Size size_;
  Catalog catalog_;
  Store store_;
};

TEST_F(Site, IsAFunctionOfStoreAndDeclarations) {
  fill();
  write();
  write_site(catalog_, store_, root_.path() / "again");
  const auto first = bytes_below(root_.path() / "site"), second = bytes_below(root_.path() / "again");
  EXPECT_GT(first.size(), 100u);
  EXPECT_EQ(first, second);
  for (const auto& [path, bytes] : first) {
    EXPECT_EQ(bytes.find(root_.path().string()), std::string::npos) << path << " holds an absolute path";
  }
}

TEST_F(Site, WritesOnlyWhatChanged) {
  fill();
  const auto first = write();
  EXPECT_EQ(first.written, first.pages);
  EXPECT_EQ(write().written, 0u);
  fs::remove(root_.path() / "site" / "index.html");
  EXPECT_EQ(write().written, 1u);
}

TEST_F(Site, ANewRunChangesItsSettingItsTaskAndHome) {
  fill();
  write();
  const auto other = page("setting/noise/setting-1-quick.html"), home = page("index.html");
  auto run = synthetic::execution_of(size_, "jocor", 88, 0, static_cast<std::int64_t>(size_.seeds) - 1, "quick",
                                     synthetic::environment("AMD EPYC 7B13"));
  store_.record(run, synthetic::code_of("jocor"), synthetic::environment("AMD EPYC 7B13"), false);
  const auto second = write();
  EXPECT_LT(second.written, 25u);
  EXPECT_EQ(page("setting/noise/setting-1-quick.html"), other);
  EXPECT_NE(page("index.html"), home);
  EXPECT_NO_THROW(page("run/" + run.key.substr(0, 16) + ".html"));
}

TEST_F(Site, RemovesPagesThatNobodyWants) {
  fill();
  write();
  write_file(root_.path() / "site" / "method" / "noise" / "gone.html", "old");
  write();
  EXPECT_FALSE(fs::exists(root_.path() / "site" / "method" / "noise" / "gone.html"));
}

TEST_F(Site, AnEmptyStoreSaysHowToStart) {
  write();
  EXPECT_NE(page("index.html").find("The store is empty"), std::string::npos);
  EXPECT_NE(page("setting/noise/setting-0-quick.html").find("./ci/bench run -t noise --setting setting-0 --tier quick"),
            std::string::npos);
  EXPECT_NE(page("method/noise/gce.html").find("No run yet"), std::string::npos);
}

TEST_F(Site, FailuresAreRowsWithTheirClassAndMessage) {
  fill();
  write();
  const auto board = page("setting/noise/setting-0-quick.html");
  EXPECT_NE(board.find("1\u00d7 timeout, counted at the floor"), std::string::npos);
  EXPECT_NE(board.find("1 seed not run"), std::string::npos);
  EXPECT_NE(board.find("Also run on Intel Xeon"), std::string::npos);
  const auto run = synthetic::execution_of(size_, "dividemix", 0, 0, 1, "quick", {});
  EXPECT_NE(page("run/" + run.key.substr(0, 16) + ".html").find("over the time limit of 60 s"), std::string::npos);
}

TEST_F(Site, EveryRunPageHasTheCommandThatRepeatsIt) {
  fill();
  write();
  for (const auto& [path, bytes] : bytes_below(root_.path() / "site" / "run")) {
    EXPECT_NE(bytes.find("./ci/bench run -t noise --setting setting-"), std::string::npos) << path;
    EXPECT_NE(bytes.find("--force"), std::string::npos) << path;
  }
}

// Every relative link of every page leads to a page that is there.
TEST_F(Site, LinksLeadSomewhere) {
  fill();
  write();
  const auto files = bytes_below(root_.path() / "site");
  for (const auto& [path, bytes] : files) {
    if (!path.ends_with(".html")) continue;
    for (std::size_t at = 0; (at = bytes.find("href=\"", at)) != std::string::npos;) {
      at += 6;
      const auto href = bytes.substr(at, bytes.find('"', at) - at);
      if (href.starts_with("http") || href.starts_with("#") || href.starts_with("data:")) continue;
      const auto target = (fs::path(path).parent_path() / href).lexically_normal().string();
      EXPECT_TRUE(files.contains(target)) << path << " -> " << href;
    }
  }
}

TEST_F(Site, WhatComesFromOutsideIsEscaped) {
  auto card = synthetic::method_card("sop", "paper");
  card["name"] = "<script>alert('n')</script>";
  card["summary"] = "a < b & \"c\"";
  write_file(root_.path() / "baselines" / "noise" / "sop.json", card.dump());
  catalog_ = read_catalog(root_.path());
  auto run = synthetic::execution_of(size_, "sop", 80, 0, 0, "quick", synthetic::environment("<b>cpu</b>"));
  run.log_tail = "</pre><script>alert('log')</script>";
  run.notes = {{"<i>", "<img src=x>"}};
  run.code = synthetic::code_of("<u>").id;
  store_.record(run, synthetic::code_of("<u>"), synthetic::environment("<b>cpu</b>"), false);
  write();
  for (const auto& [path, bytes] : bytes_below(root_.path() / "site")) {
    if (!path.ends_with(".html")) continue;
    for (const char* raw : {"<script>alert", "<b>cpu", "<i>", "<img src=x", "<u>"}) {
      EXPECT_EQ(bytes.find(raw), std::string::npos) << raw << " in " << path;
    }
  }
  EXPECT_NE(page("setting/noise/setting-0-quick.html").find("&lt;script&gt;alert(&#39;n&#39;)"), std::string::npos);
}

TEST_F(Site, PicturesAreShownOnlyWhereTheLicenceAllows) {
  fill();
  write();
  EXPECT_NE(page("setting/noise/setting-0-quick.html").find("data:image/bmp;base64,"), std::string::npos);
  catalog_.datasets[0].pictures_allowed = false;
  write_site(catalog_, store_, root_.path() / "without");
  EXPECT_EQ(read_file(root_.path() / "without/setting/noise/setting-0-quick.html").find("data:image"),
            std::string::npos);
}

class SmallSite : public Site {
 protected:
  SmallSite() : Site({1, 3, 3, 5, false, false}) {}
};

// A whole leaderboard to read: suite/report/tests/golden/leaderboard.html. ASSAY_UPDATE_GOLDEN=1 writes it anew.
TEST_F(SmallSite, LeaderboardReadsLikeTheGoldenOne) {
  fill();
  write();
  const auto all = page("setting/noise/setting-0-quick.html");
  const auto begin = all.find("<table class=\"board"), end = all.find("</table>", begin);
  const auto table = all.substr(begin, end - begin) + "</table>\n";
  const auto golden = kSource / "suite/report/tests/golden/leaderboard.html";
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) write_file(golden, table);
  EXPECT_EQ(table, read_file(golden));
}

TEST_F(Site, ABrokenTemplateNamesItsFile) {
  write_file(root_.path() / "reports/templates/home.mustache", "{{#open}}");
  try {
    write();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kDeclaration);
    EXPECT_NE(std::string(error.what()).find("home.mustache"), std::string::npos);
  }
}

}  // namespace
}  // namespace assay
