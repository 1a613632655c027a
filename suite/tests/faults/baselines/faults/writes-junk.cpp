// Writes junk to every descriptor that is open, the messages of its reporter among them, then goes on well.
#include <unistd.h>

#include <string_view>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register writes_junk_registered("writes-junk", [](const Job& job, Reporter& reporter) {
  constexpr std::string_view kJunk = "\xff\xfe{\"run\": 1, \"done\": {}}\n";
  for (int descriptor = 1; descriptor < 64; ++descriptor) {
    if (write(descriptor, kJunk.data(), kJunk.size()) < 0) continue;  // not open
  }
  behave(job, reporter);
});

}  // namespace assay::faults
