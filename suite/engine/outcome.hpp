// From what the worker said about a run to the execution that is stored.
#pragma once

#include "engine/plan.hpp"
#include "store/records.hpp"

namespace assay {

// An execution of the run with nothing but its identity.
Execution execution_of(const PlannedRun& run, const Environment& environment, std::int64_t started_ms);

// `done` and `result` (null for a failed run) are the worker's messages of these names. A run that ended well but lacks
// a metric that its task requires, or whose metric is not finite, becomes a failed one.
void add_answer(const Json& done, const Json& result, const Task& task, Execution& execution);

}  // namespace assay
