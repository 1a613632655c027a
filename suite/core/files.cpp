#include "core/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.hpp"

namespace assay {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || fs::is_directory(file)) {
    throw DataError(
        {"cannot read file", file.string(), "", std::strerror(errno), "check that it exists and is readable"});
  }
  return std::move(text).str();
}

namespace {

[[noreturn]] void cannot_write(const fs::path& file, int failure) {
  throw MachineError({"cannot write file", file.string(), "", std::strerror(failure),
                      failure == ENOSPC ? "free some space and repeat" : "check the folder and its permissions"});
}

void write_all(int descriptor, std::string_view bytes, const fs::path& file, const fs::path& part) {
  while (!bytes.empty()) {
    const auto written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int failure = errno;
      close(descriptor);
      unlink(part.c_str());
      cannot_write(file, failure);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write_file(const fs::path& file, std::string_view bytes) {
  static std::atomic<unsigned> counter{0};
  fs::path part = file;
  part += ".part" + std::to_string(getpid()) + "-" + std::to_string(counter++);
  int descriptor = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0 && errno == ENOENT) {
    std::error_code failed;
    fs::create_directories(file.parent_path(), failed);
    if (failed) cannot_write(file, failed.value());
    descriptor = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  if (descriptor < 0) cannot_write(file, errno);
  write_all(descriptor, bytes, file, part);
  if (close(descriptor) != 0 || rename(part.c_str(), file.c_str()) != 0) {
    const int failure = errno;
    unlink(part.c_str());
    cannot_write(file, failure);
  }
}

FileLock::FileLock(const fs::path& file) : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) cannot_write(file, errno);
  while (flock(descriptor_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int failure = errno;
    close(descriptor_);
    cannot_write(file, failure);
  }
}

FileLock::~FileLock() { close(descriptor_); }

fs::path cache_folder() {
  if (const char* own = std::getenv("ASSAY_CACHE"); own && *own) return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg) return fs::path(xdg) / "assay";
  const char* home = std::getenv("HOME");
  return fs::path(home && *home ? home : "/tmp") / ".cache" / "assay";
}

}  // namespace assay
