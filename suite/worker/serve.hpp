// The worker's loop: takes jobs from standard input, forks a child for each, watches it, and answers on standard
// output.
#pragma once

namespace assay {

int serve();  // the exit status, after the end of the input

}  // namespace assay
