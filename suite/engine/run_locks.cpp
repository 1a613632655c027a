#include "engine/run_locks.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"

namespace assay {

namespace {

struct flock range_of(const std::string& key, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(std::stoull(key.substr(0, 15), nullptr, 16));  // 60 bits
  range.l_len = 1;
  return range;
}

std::filesystem::path lock_file(std::filesystem::path store_file) { return store_file += ".lock"; }

}  // namespace

RunLocks::RunLocks(const std::filesystem::path& store_file)
    : file_(lock_file(store_file)), descriptor_(open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_.open()) return;
  throw StoreError({"cannot lock runs", file_.string(), "a file that can be written", std::strerror(errno),
                    "check the folder of the store and its permissions"});
}

bool RunLocks::take(const std::string& key) {
  auto range = range_of(key, F_WRLCK);
  if (fcntl(descriptor_.get(), F_OFD_SETLK, &range) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  throw StoreError({"cannot lock runs", file_.string(), "", std::strerror(errno), "move the store to a local disk"});
}

void RunLocks::release(const std::string& key) {
  auto range = range_of(key, F_UNLCK);
  fcntl(descriptor_.get(), F_OFD_SETLK, &range);
}

}  // namespace assay
