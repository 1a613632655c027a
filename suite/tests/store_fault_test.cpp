// A store that cannot be written stops bench with status 5 and one line; what it holds stays, and no process is left.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include "core/files.hpp"
#include "tests/scene.hpp"

namespace assay {
namespace {

TEST(StoreFault, WhatIsNoStoreIsLeftAlone) {
  Scene scene;
  write_file(scene.store_file(), "not a store, but somebody's notes");
  const auto ended = scene.run({"--tier", "smoke", "-m", "good"});
  EXPECT_EQ(ended.status, 5) << ended.errors;
  EXPECT_EQ(read_file(scene.store_file()), "not a store, but somebody's notes");
}

// Root may write to any file, so that the file system itself must refuse: mounts that only this test's process sees.
class Mounts : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "mounting is not permitted here";
    }
  }
  void TearDown() override { umount2(folder().c_str(), MNT_DETACH); }
  std::string folder() const { return scene.store_file().parent_path().string(); }

  Scene scene;
};

TEST_F(Mounts, AReadOnlyStoreIsRefused) {
  scene.run({"--tier", "smoke", "-m", "good"});
  ASSERT_EQ(mount(folder().c_str(), folder().c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount(nullptr, folder().c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
  const auto ended = scene.run({"--tier", "smoke", "-m", "good", "--seeds", "1"});
  EXPECT_EQ(ended.status, 5) << ended.errors;
  EXPECT_NE(ended.errors.find(scene.store_file().string()), std::string::npos) << ended.errors;
  EXPECT_EQ(scene.processes(), std::vector<pid_t>{});
}

TEST_F(Mounts, AFullDiskStopsBenchAndLosesNothingStored) {
  ASSERT_EQ(mount("assay-test", folder().c_str(), "tmpfs", 0, "size=600k"), 0);
  const auto ended = scene.run({"--tier", "smoke", "-m", "good", "--seeds", "0-3000"});
  EXPECT_EQ(ended.status, 5) << ended.errors;
  EXPECT_EQ(scene.processes(), std::vector<pid_t>{});
  ASSERT_EQ(mount(nullptr, folder().c_str(), nullptr, MS_REMOUNT, "size=60m"), 0);
  const Store store(scene.store_file(), Store::Mode::kWrite);
  EXPECT_EQ(store.integrity(), "ok");
  EXPECT_EQ(store.verify_events(), "");
  const auto said = [&] {
    std::size_t count = 0;
    for (auto at = ended.output.find("ok "); at != std::string::npos; at = ended.output.find("ok ", at + 1)) ++count;
    return count;
  }();
  EXPECT_EQ(store.results().size(), said) << "lines printed and rows stored";
}

}  // namespace
}  // namespace assay
