// What a run gives, as it travels from the child through the worker to bench (worker/messages.md).
#pragma once

#include <string>

#include "engine/build_info.hpp"
#include "store/records.hpp"

namespace assay {

// The content of an Execution that the run itself made: metrics, curves, predictions, exhibit, notes, pictures, digest.
Json result_to_json(const Execution& execution);
void read_result(const Json& json,
                 Execution& execution);  // throws Json's exceptions for what result_to_json does not write

// SHA-256 over the same content and `more` (what Reporter::digest was given), except what measures time: two executions
// of a run on one environment give the same digest. Metrics and curves named "seconds" or "..._seconds" measure time.
std::string digest_of(const Execution& execution, const std::string& more);

// Says whether bench and the worker that answers come from the same build.
std::string digest_of_code(const std::vector<BuiltMethod>& methods);

}  // namespace assay
