// Writes to a disk that is full.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register fills_the_disk_registered("fills-the-disk", [](const Job&, Reporter&) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (write(full, "x", 1) != 1) throw std::system_error(errno, std::generic_category(), "cannot write a checkpoint");
});

}  // namespace assay::faults
