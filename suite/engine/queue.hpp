// Which runs are started, in which order.
#pragma once

#include <vector>

#include "engine/execute.hpp"

namespace assay {

// The runs of the plan to start, each key once: the missing ones, with `force` also the cached, with `rerun_failed`
// also the failed. Longest first, by the estimate: so the slots end together (the last to start is the shortest). The
// seeds of a method have one estimate and stay neighbours, in the order of the plan. A run without an estimate comes
// before all others: it may be long, and a method that never ran is the one that may fail, which one wants to see
// early.
std::vector<const PlannedRun*> runs_to_start(const Plan& plan, const ExecuteOptions& options);

}  // namespace assay
