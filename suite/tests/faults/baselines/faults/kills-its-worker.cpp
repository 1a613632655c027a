// Kills the worker that watches it: the run is tried three times, each on a new worker.
#include <unistd.h>

#include <csignal>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register kills_its_worker_registered("kills-its-worker", [](const Job&, Reporter&) {
  kill(getppid(), SIGKILL);
  for (;;) pause();
});

}  // namespace assay::faults
