// What the child of a run does to itself before any code of a method: nothing that it does later may harm others.
#pragma once

#include "worker/run_child.hpp"

namespace assay {

// Own session, dies with its worker, first to go when memory is short, no core files, a limit on its memory, standard
// streams into the log, no other descriptor open than `place.messages`, TMPDIR in its scratch folder.
void enter_sandbox(const RunRequest& request, const ChildPlace& place);

}  // namespace assay
