#include "engine/interrupts.hpp"

#include <sys/signalfd.h>

namespace assay {

namespace {

sigset_t interrupting() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, each);
  return signals;
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t signals = interrupting();
  sigprocmask(SIG_BLOCK, &signals, &before_);
  descriptor_ = Descriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  struct sigaction ignore {};  // a job sent to a worker that has just died is an error of write(), no signal
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before_);
}

Interrupts::~Interrupts() {
  std::string taken;  // what was taken notice of shall not strike when the mask falls
  read_some(descriptor_.get(), taken);
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupts::let_through() {
  std::string taken;
  read_some(descriptor_.get(), taken);
  const sigset_t signals = interrupting();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace assay
