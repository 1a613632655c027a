#include "report/site.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "report/tests/synthetic_cracks.hpp"

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

// Relative links of pages that lead to no page.
std::vector<std::string> dead_links(const std::map<std::string, std::string>& files) {
  std::vector<std::string> dead;
  for (const auto& [path, bytes] : files) {
    if (!path.ends_with(".html")) continue;
    for (std::size_t at = 0; (at = bytes.find("href=\"", at)) != std::string::npos;) {
      at += 6;
      const auto href = bytes.substr(at, bytes.find('"', at) - at);
      if (href.starts_with("http") || href.starts_with("#") || href.starts_with("data:")) continue;
      const auto target = (fs::path(path).parent_path() / href).lexically_normal().string();
      if (!files.contains(target)) dead.push_back(path + " -> " + href);
    }
  }
  return dead;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
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

TEST_F(Site, LinksLeadSomewhere) {
  fill();
  write();
  EXPECT_EQ(dead_links(bytes_below(root_.path() / "site")), std::vector<std::string>{});
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

TEST_F(Site, NotesOfRowsThatNameThemselvesAreATable) {
  auto run = synthetic::execution_of(size_, "sop", 80, 0, 0, "quick", synthetic::environment("cpu"));
  run.code = synthetic::code_of("sop").id;
  run.notes = {{"labels", {{{"label", "Trouser"}, {"AP", 71.25}}, {{"label", "Bag"}, {"AP", nullptr}}}}};
  store_.record(run, synthetic::code_of("sop"), synthetic::environment("cpu"), false);
  write();
  const auto text = page("run/" + run.key.substr(0, 16) + ".html");
  EXPECT_NE(text.find("<th scope=\"row\">Trouser</th><td class=\"num\">71.25</td>"), std::string::npos);
  EXPECT_NE(text.find("<th scope=\"row\">Bag</th><td class=\"num\">\u2013</td>"), std::string::npos);
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

// With the tasks of synthetic_cracks.hpp.
class CrackSite : public Site {
 protected:
  CrackSite() : Site({1, 3, 3, 5, false, true}) {
    catalog_ = synthetic::add_cracks(root_.path());
    synthetic::fill(store_, size_);
    synthetic::fill_cracks(store_);
  }
  static bool says(const std::string& page, const std::string& text) { return page.find(text) != std::string::npos; }

  const std::string main_ = "setting/cracks/generated-quick.html";
  const std::string patches_ = "setting/cracks/generated-quick--patches.html";
  const std::string widths_ = "setting/widths/generated-quick.html";
};

TEST_F(CrackSite, AViewIsALeaderboardOfItsOwn) {
  write();
  const auto main = page(main_), patches = page(patches_);
  EXPECT_TRUE(says(main, "Score: <strong>ODS</strong>"));
  EXPECT_TRUE(says(patches, "Score: <strong>Patch AP</strong>"));
  EXPECT_TRUE(says(patches, "The same maps as patches"));
  EXPECT_TRUE(says(main, ">OIS</th>"));
  EXPECT_FALSE(says(patches, ">OIS</th>"));
  EXPECT_TRUE(says(patches, ">Patch F1</th>"));
  const auto first = [](const std::string& board) {
    const auto begin = board.find("<th scope=\"row\">", board.find("<table class=\"board"));
    return board.substr(begin, board.find("</th>", begin) - begin);
  };
  EXPECT_TRUE(says(first(patches), "context-flow"));
  EXPECT_EQ(dead_links(bytes_below(root_.path() / "site")), std::vector<std::string>{});
  EXPECT_TRUE(says(main, "generated-quick--patches.html\">Patches of 16 px"));
  EXPECT_TRUE(says(patches, "generated-quick.html\">ODS"));
  EXPECT_TRUE(says(page("task/cracks.html"), "generated-quick--patches.html\">Patches of 16 px"));
  EXPECT_TRUE(says(page("task/cracks.html"), "ranks in Patches of 16 px"));
  EXPECT_FALSE(says(page("setting/noise/setting-0-quick.html"), "Leaderboards"));
}

TEST_F(CrackSite, ANewRunChangesItsViewsAndNoOtherTask) {
  write();
  EXPECT_EQ(write().written, 0u);
  const auto main = page(main_), patches = page(patches_), widths = page(widths_);
  const auto env = synthetic::environment("AMD EPYC 7B13");
  store_.record(synthetic::crack_run("cracks", synthetic::kCrackMethods[2], 3, env), synthetic::code_of("unet"), env,
                false);
  write();
  EXPECT_NE(page(main_), main);
  EXPECT_NE(page(patches_), patches);
  EXPECT_EQ(page(widths_), widths);
}

TEST_F(CrackSite, SaysWhatTheTestsCounted) {
  write();
  EXPECT_TRUE(says(page(main_),
                   "both the noise of training (seeds) and of the test set (examples). Those of pairs in "
                   "which nothing is random (1 of 28) count the noise of the test set (24 examples) alone."));
  EXPECT_FALSE(says(page(main_), "no spread"));
  const auto widths = page(widths_);
  EXPECT_TRUE(says(
      widths, "Nothing in these methods is random: the tests count the noise of the test set (12 examples) only."));
  EXPECT_TRUE(says(widths, "3 methods on 12 test examples: 3 pairs tested"));
  EXPECT_TRUE(says(widths, "95 % interval, examples"));
  EXPECT_TRUE(says(page("setting/noise/setting-0-quick.html"), "95 % interval, seeds"));
}

TEST_F(CrackSite, SaysWhatCouldBeReached) {
  write();
  EXPECT_TRUE(says(page(widths_),
                   "Ceiling: known-direction 0.204 px; floor: one-width 3.128 px; the best method reaches 0.526 px."));
}

TEST_F(CrackSite, APictureIsOnAPageOnce) {
  write();
  const auto main = page(main_);
  const auto run = synthetic::crack_run("cracks", synthetic::kCrackMethods[2], 0, {});
  const auto& photograph = run.pictures.front();
  // Three photographs and truths; six methods with an overlay upon the photograph, and a map.
  EXPECT_EQ(count_of(main, "<image "), 3u * (2 + 2 * 6));
  EXPECT_EQ(count_of(main, "<use "), 3u * 6);
  EXPECT_EQ(count_of(main, base64_encode(photograph.bytes)), 1u);
  EXPECT_EQ(count_of(main, "width=\"128\" height=\"128\" viewBox=\"0 0 128 128\""), 3u * (2 + 2 * 6));
  EXPECT_TRUE(says(main, "aria-label=\"unet: F 0.74, probability\""));
  const auto icons = page("setting/noise/setting-0-quick.html");
  EXPECT_TRUE(says(icons, "width=\"56\" height=\"56\""));
}

TEST_F(CrackSite, ALegendAndVerdictsStandOnlyWhereTheyOccur) {
  write();
  const auto main = page(main_), noise = page("setting/noise/setting-0-quick.html");
  EXPECT_TRUE(says(main, "style=\"background: #d55e00\"></span>crack, missed"));
  EXPECT_FALSE(says(noise, "class=\"legend\""));
  EXPECT_TRUE(says(noise, "\u21ba memorised: the answer is the wrong label it was given"));
  EXPECT_FALSE(says(main, "memorised"));
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
