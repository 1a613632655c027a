// Closes its standard streams, then goes on well.
#include <unistd.h>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register closes_streams_registered("closes-streams", [](const Job& job, Reporter& reporter) {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(stream);
  behave(job, reporter);
});

}  // namespace assay::faults
