#include "engine/processes.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/errors.hpp"

namespace assay {

namespace {

// A whole small file of /proc, or "" where the process is gone.
std::string proc_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (file.open()) {
    while (read_some(file.get(), text)) continue;
  }
  return text;
}

std::vector<pid_t> numbers(const std::string& text) {
  std::vector<pid_t> found;
  const char* rest = text.c_str();
  for (char* end = nullptr;; rest = end) {
    const long number = std::strtol(rest, &end, 10);
    if (end == rest) return found;
    found.push_back(static_cast<pid_t>(number));
  }
}

std::int64_t value_after(const std::string& text, std::string_view key) {
  const auto at = text.find(key);
  return at == std::string::npos ? 0 : std::strtoll(text.c_str() + at + key.size(), nullptr, 10);
}

}  // namespace

void Descriptor::reset() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw MachineError({"no pipe left", "", "", std::strerror(errno), "raise the limit of open files (ulimit -n)"});
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void never_block(int descriptor) { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

bool write_whole(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_some(int descriptor, std::string& into, std::size_t most) {
  char block[1 << 16];
  for (;;) {
    const auto wanted = std::min(most, sizeof block);
    const auto got = read(descriptor, block, wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (got == 0) return false;
    into.append(block, static_cast<std::size_t>(got));
    most -= static_cast<std::size_t>(got);
    // A pipe that gives less than was asked for is empty; asking again would block where it may.
    if (most == 0 || static_cast<std::size_t>(got) < wanted) return true;
  }
}

bool LineBuffer::next(std::string& line) {
  const auto end = bytes_.find('\n', searched_);
  if (end == std::string::npos) {
    bytes_.erase(0, begin_);
    begin_ = 0;
    searched_ = bytes_.size();
    return false;
  }
  line.assign(bytes_, begin_, end - begin_);
  begin_ = searched_ = end + 1;
  return true;
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> found;
  const auto folder = "/proc/" + std::to_string(process) + "/task";
  DIR* threads = opendir(folder.c_str());  // any thread may have forked
  if (threads == nullptr) return found;
  while (const dirent* thread = readdir(threads)) {
    if (thread->d_name[0] == '.') continue;
    const auto more = numbers(proc_file(folder + "/" + thread->d_name + "/children"));
    found.insert(found.end(), more.begin(), more.end());
  }
  closedir(threads);
  return found;
}

std::vector<pid_t> descendants_of(pid_t process) {
  std::vector<pid_t> found = children_of(process);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto more = children_of(found[i]);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

std::int64_t memory_kb(const std::vector<pid_t>& processes, bool exact) {
  static const std::int64_t page_kb = sysconf(_SC_PAGESIZE) / 1024;
  std::int64_t sum = 0;
  for (const pid_t process : processes) {
    const auto folder = "/proc/" + std::to_string(process);
    if (exact) {
      sum += value_after(proc_file(folder + "/smaps_rollup"), "\nPss:");
    } else {
      const auto pages = proc_file(folder + "/statm");  // "size resident shared ..."
      sum += page_kb * value_after(pages, " ");
    }
  }
  return sum;
}

void end_children(const std::set<pid_t>& spared, const std::function<void(pid_t, int, const rusage&)>& reaped) {
  for (;;) {
    std::vector<pid_t> doomed;
    for (const pid_t child : children_of(getpid())) {
      if (!spared.contains(child)) doomed.push_back(child);
    }
    if (doomed.empty()) return;
    const auto children = doomed;
    for (const pid_t child : children) {
      const auto below = descendants_of(child);
      doomed.insert(doomed.end(), below.begin(), below.end());
    }
    for (const pid_t process : doomed) kill(process, SIGKILL);
    for (const pid_t child : children) {
      int status = 0;
      rusage usage{};
      pid_t ended = 0;
      do ended = wait4(child, &status, 0, &usage);
      while (ended < 0 && errno == EINTR);
      if (ended == child) reaped(child, status, usage);
    }
  }
}

void become_subreaper() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

}  // namespace assay
