// Follows the worked example of baselines/README.md: its card passes `bench check`, its method builds (it is in
// example-worker), runs in the smoke tier, and its results stand in the store.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "store/store.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class WorkedExample : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-example-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    const fs::path source = ASSAY_SOURCE_DIR;
    fs::copy(source / "tasks", root_ / "tasks", fs::copy_options::recursive);
    fs::copy(source / "baselines", root_ / "baselines", fs::copy_options::recursive);
    fs::copy_file(ASSAY_EXAMPLE_CARD, root_ / "baselines/noisy-labels/soft-bootstrap.json");
    fs::copy_file(fs::path(ASSAY_EXAMPLE_CARD).replace_extension(".cpp"),
                  root_ / "baselines/noisy-labels/soft-bootstrap.cpp");
    setenv("ASSAY_ROOT", root_.c_str(), 1);
    setenv("ASSAY_WORKER", ASSAY_EXAMPLE_WORKER, 1);
  }
  void TearDown() override { fs::remove_all(root_); }
  int bench(const std::string& arguments) const {
    const int status = std::system((ASSAY_BENCH " " + arguments + " > " + (root_ / "log").string() + " 2>&1").c_str());
    return WEXITSTATUS(status);
  }
  fs::path root_;
};

TEST_F(WorkedExample, IsAMethodAfterTwoFiles) {
  EXPECT_EQ(bench("check"), 0);
  EXPECT_EQ(bench("show soft-bootstrap"), 0);
  EXPECT_EQ(bench("run -m soft-bootstrap --tier smoke --setting symmetric-40 --no-report"), 0);
  const auto results = Store(root_ / "results.db", Store::Mode::kRead).results();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].label, "soft-bootstrap");
  EXPECT_TRUE(results[0].ok()) << results[0].message;
}

}  // namespace
}  // namespace assay
