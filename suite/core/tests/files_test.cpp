#include "core/files.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

#include "core/errors.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "assay-test-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder); }

  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  fs::path folder;
};

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(Files, BytesComeBackAsTheyWere) {
  const std::string bytes("a\0b\r\n\xff", 6);
  write_file(folder / "new" / "folders" / "file", bytes);
  EXPECT_EQ(read_file(folder / "new" / "folders" / "file"), bytes);
  write_file(folder / "new" / "folders" / "file", "");
  EXPECT_EQ(read_file(folder / "new" / "folders" / "file"), "");
}

TEST_F(Files, WritingLeavesNothingBesideTheFile) {
  write_file(folder / "file", "one");
  write_file(folder / "file", "two");
  EXPECT_EQ(read_file(folder / "file"), "two");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, AFailedWriteKeepsTheOldFile) {
  write_file(folder / "file", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tiny{10, before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tiny);
  const auto line = error_of([&] { write_file(folder / "file", std::string(100, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(line, (folder / "file").string() +
                      ": cannot write file: found File too large; check the folder and its permissions");
  EXPECT_EQ(read_file(folder / "file"), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, SaysWhatCannotBeReadOrWritten) {
  EXPECT_EQ(error_of([] { read_file("/no/such/file"); }),
            "/no/such/file: cannot read file: found No such file or directory; check that it exists and is readable");
  EXPECT_NE(error_of([] { read_file("/"); }), "no error");
  EXPECT_EQ(
      error_of([] { write_file("/proc/no/such/file", "x"); }),
      "/proc/no/such/file: cannot write file: found No such file or directory; check the folder and its permissions");
}

// A child that takes the lock, says so, and holds it until it is told to go, or is killed.
TEST_F(Files, ALockIsHeldUntilItsHolderEnds) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const auto holder = fork();
  if (holder == 0) {
    const FileLock lock(folder / "lock");
    if (write(ready[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const auto waiting = fork();
  if (waiting == 0) {
    const FileLock lock(folder / "lock");
    _exit(0);
  }
  usleep(50'000);
  EXPECT_EQ(waitpid(waiting, nullptr, WNOHANG), 0) << "the lock was given twice";
  kill(holder, SIGKILL);
  int status = -1;
  EXPECT_EQ(waitpid(waiting, &status, 0), waiting);
  EXPECT_EQ(status, 0);
  waitpid(holder, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(Files, TheCacheFolderFollowsTheEnvironment) {
  const auto with = [](const char* own, const char* xdg, const char* home) {
    const std::string kept = std::getenv("HOME") ? std::getenv("HOME") : "";
    setenv("ASSAY_CACHE", own, 1);
    setenv("XDG_CACHE_HOME", xdg, 1);
    setenv("HOME", home, 1);
    const auto found = cache_folder();
    unsetenv("ASSAY_CACHE");
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", kept.c_str(), 1);
    return found;
  };
  EXPECT_EQ(with("/a", "/x", "/h"), "/a");
  EXPECT_EQ(with("", "/x", "/h"), "/x/assay");
  EXPECT_EQ(with("", "", "/h"), "/h/.cache/assay");
}

}  // namespace
}  // namespace assay
