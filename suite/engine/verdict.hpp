// Which class of failure a run's end is.
#pragma once

#include <cstdint>
#include <string>

namespace assay {

// How a run's process ended, as far as the worker saw it.
struct Ending {
  int status = 0;                                                // of waitpid
  bool result = false;                                           // a complete result arrived
  std::string failure, message;                                  // what the child itself said went wrong; "" if nothing
  bool over_time = false, over_memory = false, flooded = false;  // why the worker killed it
  bool kernel_killed = false;                                    // the kernel's OOM killer struck meanwhile
  std::int64_t peak_memory_kb = 0;
  double time_limit_s = 0;
  std::int64_t memory_mb = 0;
  std::uint64_t log_bytes = 0;  // the limit
  std::string last_line;        // of the log
};

struct Verdict {
  std::string failure, message;  // both "" for success
};

Verdict verdict_of(const Ending& ending);

}  // namespace assay
