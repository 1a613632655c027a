// What this worker was built from: engine/build_info.hpp reads it.
#pragma once

#include "core/strict_json.hpp"

namespace assay {

// {"compiler", "flags", "libtorch", "libtorch_folder", "sources", "methods", "code"}: the last three as in
// worker/fingerprints.hpp, with those methods alone that are registered.
Json describe();

}  // namespace assay
