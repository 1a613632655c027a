// What only a browser can tell: pages load alone, fit the window, and their tables sort and filter by mouse and
// keyboard.
#include <gtest/gtest.h>

#include <memory>

#include "core/text.hpp"
#include "report/browser/chromium.hpp"
#include "report/site.hpp"
#include "report/tests/synthetic_cracks.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kPages{"index.html",
                                      "task/noise.html",
                                      "setting/noise/setting-0-quick.html",
                                      "setting/noise/setting-0-smoke.html",
                                      "method/noise/dividemix.html",
                                      "task/cracks.html",
                                      "setting/cracks/generated-quick.html",
                                      "setting/cracks/generated-quick--patches.html",
                                      "setting/widths/generated-quick.html"};
const std::string kBoard = "setting/noise/setting-0-quick.html";

class Pages : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    root_ = std::make_unique<synthetic::TemporaryFolder>();
    const synthetic::Size size;
    synthetic::make_checkout(root_->path(), size, ASSAY_SOURCE_DIR);
    const auto catalog = synthetic::add_cracks(root_->path());
    Store store(root_->path() / "results.db", Store::Mode::kWrite);
    synthetic::fill(store, size);
    synthetic::fill_cracks(store);
    write_site(catalog, store, root_->path() / "site");
    browser_ = std::make_unique<Chromium>();
  }
  static void TearDownTestSuite() {
    browser_.reset();
    root_.reset();
  }

  static fs::path page(const std::string& path) { return root_->path() / "site" / path; }
  static std::string first_run() {
    std::string first;
    for (const auto& item : fs::directory_iterator(page("run"))) {
      const auto path = "run/" + item.path().filename().string();
      if (first.empty() || path < first) first = path;
    }
    return first;
  }
  static std::string text(const std::string& script) { return browser_->evaluate(script).get<std::string>(); }

  static std::unique_ptr<synthetic::TemporaryFolder> root_;
  static std::unique_ptr<Chromium> browser_;
};
std::unique_ptr<synthetic::TemporaryFolder> Pages::root_;
std::unique_ptr<Chromium> Pages::browser_;

TEST_F(Pages, LoadAloneAndFitTheWindow) {
  auto pages = kPages;
  pages.push_back(first_run());
  for (const int width : {360, 1600, 3840}) {
    for (const bool dark : {false, true}) {
      for (const auto& path : pages) {
        SCOPED_TRACE(path + " at " + std::to_string(width) + (dark ? ", dark" : ""));
        browser_->open(page(path), width, dark);
        EXPECT_EQ(browser_->evaluate("window.innerWidth"), width);
        EXPECT_LE(browser_->evaluate("document.documentElement.scrollWidth").get<int>(), width);
        EXPECT_TRUE(browser_->complaints().empty()) << join(browser_->complaints(), "\n");
        for (const auto& url : browser_->requests()) {
          EXPECT_TRUE(url.starts_with("file://") || url.starts_with("data:")) << url;
        }
      }
    }
  }
}

// Relative luminance and contrast of WCAG 2.1, of text against the page's ground.
TEST_F(Pages, TextHasContrastInLightAndDark) {
  const std::string script = R"js(
    (() => {
      const luminance = (colour) => {
        const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((v) => {
          v /= 255;
          return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = luminance(getComputedStyle(document.body).backgroundColor);
      let least = 21;
      for (const one of document.querySelectorAll("p, td, th, a, dt, dd, .note, .bad, .flag, .badge, svg text")) {
        const style = getComputedStyle(one);
        const ink = luminance(one.namespaceURI.endsWith("svg") ? style.fill : style.color);
        least = Math.min(least, (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05));
      }
      return least;
    })())js";
  for (const bool dark : {false, true}) {
    browser_->open(page(kBoard), 1600, dark);
    EXPECT_GE(browser_->evaluate(script).get<double>(), 4.5) << (dark ? "dark" : "light");
  }
}

const std::string kFirstName = "document.querySelector('.board tbody tr th a').textContent";

TEST_F(Pages, AClickSortsAndTheHeaderSaysHow) {
  browser_->open(page(kBoard), 1600, false);
  const std::string head = "document.querySelectorAll('.board thead th')[2]";
  browser_->evaluate(head + ".querySelector('button').click()");
  EXPECT_EQ(text(head + ".getAttribute('aria-sort')"), "ascending");
  EXPECT_EQ(text(kFirstName), "dividemix");  // one seed failed and counts at the floor
  browser_->evaluate(head + ".querySelector('button').click()");
  EXPECT_EQ(text(head + ".getAttribute('aria-sort')"), "descending");
  EXPECT_NE(text(kFirstName), "dividemix");
  const std::string sorted = R"js(
    (() => {
      const values = [...document.querySelectorAll('.board tbody:first-of-type td.score')].map((c) => Number(c.dataset.value));
      return values.every((v, i) => i === 0 || values[i - 1] >= v) && values.length;
    })())js";
  EXPECT_EQ(browser_->evaluate(sorted), 12);
}

TEST_F(Pages, TheKeyboardSorts) {
  browser_->open(page(kBoard), 1600, false);
  const std::string head = "document.querySelectorAll('.board thead th')[1]";
  browser_->evaluate(head + ".querySelector('button').focus()");
  browser_->press("Enter", 13);
  EXPECT_EQ(text(head + ".getAttribute('aria-sort')"), "ascending");
  EXPECT_EQ(text(kFirstName), "co-teaching");
}

TEST_F(Pages, TheFilterKeepsWhatMatches) {
  browser_->open(page(kBoard), 1600, false);
  browser_->evaluate(
      "(() => { const box = document.querySelector('.filter input'); box.value = 'TIMEOUT'; "
      "box.dispatchEvent(new Event('input')); })()");
  const std::string visible =
      "[...document.querySelectorAll('.board tbody tr:not(.section)')].filter((row) => row.offsetParent).map((row) => "
      "row.querySelector('th').textContent.trim().split(' ')[0]).join()";
  EXPECT_EQ(text(visible), "dividemix");
  EXPECT_EQ(text("document.querySelector('.filter [role=status]').textContent"), "1 of 14 rows");
}

TEST_F(Pages, WithoutScriptsEverythingIsThere) {
  browser_->open(page(kBoard), 1600, false, false);
  EXPECT_EQ(browser_->evaluate("document.querySelectorAll('.board tbody tr:not(.section)').length"), 14);
  EXPECT_EQ(browser_->evaluate("document.querySelectorAll('.filter, th button').length"), 0);
  EXPECT_TRUE(browser_->complaints().empty());
}

// Each is drawn in full, those that only refer to another's bytes too, and the wide table scrolls inside its region.
TEST_F(Pages, PicturesUponPicturesAreDrawn) {
  for (const int width : {360, 1600}) {
    browser_->open(page("setting/cracks/generated-quick.html"), width, false);
    const std::string drawn = R"js(
      (() => {
        const parts = [...document.querySelectorAll('.shot image, .shot use')];
        return parts.filter((part) => {
          const box = part.getBBox(), place = part.ownerSVGElement.getBoundingClientRect();
          return box.width === 128 && box.height === 128 && place.width === 128 && place.height === 128;
        }).length;
      })())js";
    EXPECT_EQ(browser_->evaluate(drawn), 3 * (2 + 3 * 6));
    EXPECT_LE(browser_->evaluate("document.documentElement.scrollWidth").get<int>(), width);
  }
}

TEST_F(Pages, TablesHaveCaptionsAndScopesAndPicturesHaveNames) {
  auto pages = kPages;
  pages.push_back(first_run());
  for (const auto& path : pages) {
    SCOPED_TRACE(path);
    browser_->open(page(path), 1600, false);
    EXPECT_EQ(browser_->evaluate("document.querySelectorAll('table:not(:has(caption))').length"), 0);
    EXPECT_EQ(browser_->evaluate("document.querySelectorAll('th:not([scope])').length"), 0);
    EXPECT_EQ(browser_->evaluate("document.querySelectorAll('img:not([alt]), svg:not([aria-label])').length"), 0);
    EXPECT_EQ(browser_->evaluate("document.querySelectorAll('h1').length"), 1);
    EXPECT_EQ(browser_->evaluate("document.querySelectorAll('.scroll:not([tabindex])').length"), 0);
  }
}

}  // namespace
}  // namespace assay
