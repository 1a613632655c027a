// Runs what a plan is missing: worker processes, time and memory limits, one transaction per finished execution.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/plan.hpp"

namespace assay {

struct ExecuteOptions {
  int slots = 0;              // -j; 0 = as many as there are cores (CPU) or one a device (CUDA)
  bool force = false;         // also what is cached
  bool rerun_failed = false;  // also what has failed before
  bool fail_fast = false;     // start nothing more after the first failure
};

struct RunOutcome {
  const PlannedRun* run = nullptr;
  Execution execution;
  bool stored = true;  // false: another process had stored this key meanwhile
};

// What is shown while it runs: the live display, plain lines, or JSON lines.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void start(const Plan& plan, std::size_t to_run, int slots) = 0;
  virtual void started(int slot, const PlannedRun& run) = 0;
  // `value`: the ranking metric's curve so far, NaN if there is none.
  virtual void epoch(int slot, const PlannedRun& run, std::int64_t epoch, std::int64_t of, double value) = 0;
  virtual void finished(int slot, const RunOutcome& outcome) = 0;
  virtual void tick() = 0;  // about ten times a second
  virtual void note(const std::string& line) = 0;
  virtual void end() = 0;
};
std::unique_ptr<Progress> live_display();  // for a terminal
std::unique_ptr<Progress> plain_lines();   // for CI and files
std::unique_ptr<Progress> json_lines();    // --json: one object a line on stdout
std::unique_ptr<Progress> silent();

struct Summary {
  std::size_t ok = 0, failed = 0, cached = 0, unavailable = 0, elsewhere = 0, not_started = 0;
  bool interrupted = false;
  double seconds = 0;
};

// Returns when all is done, or after SIGINT or SIGTERM (running children are killed, finished ones are stored).
// StoreError where the store cannot be written; MachineError where no worker can be started.
Summary execute(const Plan& plan, const Catalog& catalog, const BuildInfo& build, Store& store,
                const std::filesystem::path& store_file, const ExecuteOptions& options, Progress& progress);

}  // namespace assay
