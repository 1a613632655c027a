// Ends well, and leaves a process behind that has cut every tie: forked twice, a session of its own.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register leaves_an_orphan_registered("leaves-an-orphan", [](const Job& job, Reporter& reporter) {
  const pid_t between = fork();
  if (between == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    for (;;) pause();
  }
  waitpid(between, nullptr, 0);
  behave(job, reporter);
});

}  // namespace assay::faults
