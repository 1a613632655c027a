#include "worker/sandbox.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "engine/processes.hpp"

namespace assay {

namespace {

void die_with(pid_t worker) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != worker) _exit(1);  // it died before the line above
}

void restore_signals() {
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void limit(int resource, rlim_t value) {
  rlimit now{};
  getrlimit(static_cast<__rlimit_resource_t>(resource), &now);
  value = std::min(value, now.rlim_max);
  const rlimit wanted{value, value};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted);
}

// Somewhat above the limit that the worker enforces on resident memory: address space is not memory yet, and a request
// that could never be met should fail cleanly, as std::bad_alloc.
rlim_t data_limit(std::int64_t memory_mb) {
  constexpr rlim_t kMegabyte = 1 << 20;
  return (static_cast<rlim_t>(memory_mb) * 5 / 4 + 256) * kMegabyte;
}

void redirect(const ChildPlace& place) {
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(place.log, STDOUT_FILENO);
  dup2(place.log, STDERR_FILENO);
  const auto messages = static_cast<unsigned>(place.messages);
  close_range(STDERR_FILENO + 1, messages - 1, 0);
  close_range(messages + 1, ~0U, 0);
}

void come_first_when_memory_is_short() {
  const Descriptor file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file.open()) write_whole(file.get(), "1000");
}

}  // namespace

void enter_sandbox(const RunRequest& request, const ChildPlace& place) {
  die_with(place.worker);
  setsid();
  restore_signals();
  come_first_when_memory_is_short();
  redirect(place);
  limit(RLIMIT_CORE, 0);
  const bool on_cpu = request.job.value("device", "cpu") == "cpu";
  if (on_cpu) limit(RLIMIT_DATA, data_limit(request.memory_mb));  // a CUDA context maps far more than it uses
  setenv("TMPDIR", place.scratch.c_str(), 1);
}

}  // namespace assay
