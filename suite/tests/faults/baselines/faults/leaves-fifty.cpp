// Ends well, and leaves fifty processes behind.
#include <unistd.h>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register leaves_fifty_registered("leaves-fifty", [](const Job& job, Reporter& reporter) {
  for (int i = 0; i < 50; ++i) {
    if (fork() == 0) {
      for (;;) pause();
    }
  }
  behave(job, reporter);
});

}  // namespace assay::faults
