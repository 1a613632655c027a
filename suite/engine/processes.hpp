// Descriptors and process trees as values: what bench and bench-worker share to start, watch and end processes.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void reset();

 private:
  int number_;
};

struct Pipe {
  Descriptor read, write;
};
Pipe make_pipe();                  // both ends close on exec; MachineError where there is none left
void never_block(int descriptor);  // O_NONBLOCK
bool write_whole(int descriptor, std::string_view bytes);  // false where the reader is gone

// Appends what can be read now, at most `most` bytes; waits only where there is nothing yet and the descriptor may
// block. False at the end of the file.
bool read_some(int descriptor, std::string& into, std::size_t most = 1 << 20);

// Complete lines out of a stream of bytes.
class LineBuffer {
 public:
  std::string& bytes() { return bytes_; }
  bool next(std::string& line);  // without its line break

 private:
  std::string bytes_;
  std::size_t begin_ = 0, searched_ = 0;
};

std::vector<pid_t> children_of(pid_t process);
std::vector<pid_t> descendants_of(pid_t process);  // without the process itself
// Memory that the processes hold, in kB. Exact counts shared pages once and costs milliseconds; otherwise an upper
// bound.
std::int64_t memory_kb(const std::vector<pid_t>& processes, bool exact);

// Kills every child of this process that is not spared, with all its descendants, and reaps them. This process must be
// a subreaper: then orphans become its children as their parents die, so that none gets away by forking twice.
void end_children(const std::set<pid_t>& spared, const std::function<void(pid_t, int, const rusage&)>& reaped);
void become_subreaper();

}  // namespace assay
