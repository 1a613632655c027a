#include "engine/queue.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace assay {

namespace {

bool wanted(CellState state, const ExecuteOptions& options) {
  switch (state) {
    case CellState::kMissing:
      return true;
    case CellState::kCached:
      return options.force;
    case CellState::kFailed:
      return options.rerun_failed || options.force;
    case CellState::kUnavailable:
      return false;
  }
  return false;
}

double expected_seconds(const PlannedRun& run) {
  return run.estimate_s > 0 ? run.estimate_s : std::numeric_limits<double>::infinity();
}

}  // namespace

std::vector<const PlannedRun*> runs_to_start(const Plan& plan, const ExecuteOptions& options) {
  std::vector<const PlannedRun*> runs;
  std::unordered_set<std::string> keys;
  for (const auto& run : plan.runs) {
    if (wanted(run.state, options) && keys.insert(run.key).second) runs.push_back(&run);
  }
  std::stable_sort(runs.begin(), runs.end(), [](const PlannedRun* a, const PlannedRun* b) {
    return expected_seconds(*a) > expected_seconds(*b);
  });
  return runs;
}

}  // namespace assay
