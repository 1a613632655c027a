// SIGINT, SIGTERM and SIGHUP as something to poll for, while this object lives.
#pragma once

#include <signal.h>

#include "engine/processes.hpp"

namespace assay {

class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;

  int descriptor() const { return descriptor_.get(); }  // readable when one came
  void let_through();                                   // the next one ends the process at once

 private:
  sigset_t before_;
  struct sigaction pipe_before_;
  Descriptor descriptor_;
};

}  // namespace assay
