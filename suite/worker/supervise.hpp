// One run in a child of its own: started, watched, ended with all that it left behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/strict_json.hpp"

namespace assay {

struct RunRequest {
  std::int64_t run = 0;
  Json job;
  double time_limit_s = 0;
  std::int64_t memory_mb = 0;
  std::uint64_t log_bytes = 64 << 20;  // printing more than this ends the run

  static RunRequest from_json(const Json& json);
};

// Runs to the end, handing every message for bench to `send` (one line, without its end). While it runs, `input` is
// watched: false, with the child killed, where it came to its end. MachineError where this process has more than one
// thread: a fork would take only one of them along, and with it locks that nobody opens.
bool supervise(const RunRequest& request, int input, const std::function<void(const std::string&)>& send);

}  // namespace assay
