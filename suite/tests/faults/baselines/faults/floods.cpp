// Prints a gigabyte.
#include <cstdio>
#include <string>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register floods_registered("floods", [](const Job&, Reporter&) {
  const std::string line(1 << 20, 'x');
  for (int i = 0; i < 1024; ++i) std::puts(line.c_str());
});

}  // namespace assay::faults
