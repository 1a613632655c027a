// One running bench-worker, as bench sees it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "engine/log_tail.hpp"
#include "engine/processes.hpp"

namespace assay {

class WorkerProcess {
 public:
  // MachineError where the program cannot be started.
  WorkerProcess(const std::filesystem::path& program, const std::string& isa, const std::filesystem::path& scratch);

  pid_t pid() const { return pid_; }
  int output() const { return output_.get(); }
  int errors() const { return errors_.get(); }
  bool send(const std::string& line) { return write_whole(input_.get(), line + "\n"); }
  // Takes what it has written. False once its standard output is closed: it has died.
  bool receive() { return read_some(output_.get(), lines_.bytes()); }
  void receive_errors();
  bool next_line(std::string& line) { return lines_.next(line); }
  std::string last_words() const;  // what it printed to standard error, on one line

  bool greeted = false;  // its hello came

 private:
  pid_t pid_ = -1;
  Descriptor input_, output_, errors_;
  LineBuffer lines_;
  LogTail printed_;
};

}  // namespace assay
