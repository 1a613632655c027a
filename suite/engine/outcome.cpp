#include "engine/outcome.hpp"

#include <cmath>

#include "core/text.hpp"
#include "engine/messages.hpp"

namespace assay {

Execution execution_of(const PlannedRun& run, const Environment& environment, std::int64_t started_ms) {
  Execution execution;
  execution.key = run.key;
  execution.cell = run.cell;
  execution.code = run.code;
  execution.environment = environment.id;
  execution.data = run.data;
  execution.started_ms = started_ms;
  return execution;
}

namespace {

void check_metrics(const Task& task, Execution& execution) {
  std::vector<std::string> missing;
  for (const auto& metric : task.metrics) {
    if (metric.required && !execution.metrics.contains(metric.name)) missing.push_back(metric.name);
  }
  if (!missing.empty()) {
    execution.failure = failure::kMissingMetric;
    execution.message = "ended well without the metric " + join(missing, ", ");
  }
  for (const auto& [name, value] : execution.metrics) {
    if (std::isfinite(value)) continue;
    execution.failure = failure::kNonFinite;
    execution.message = "metric " + name + " is " + shortest(value);
  }
}

}  // namespace

void add_answer(const Json& done, const Json& result, const Task& task, Execution& execution) {
  execution.failure = done.at("failure");
  execution.message = done.at("message");
  execution.log_tail = done.at("log_tail");
  execution.seconds = done.at("seconds");
  execution.cpu_seconds = done.at("cpu_seconds");
  execution.peak_memory_kb = done.at("peak_memory_kb");
  if (!execution.failure.empty()) return;
  read_result(result, execution);
  check_metrics(task, execution);
}

}  // namespace assay
