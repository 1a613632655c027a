// The environment variables of a worker: bench's own without those that would change the numbers.
#pragma once

#include <string>
#include <vector>

namespace assay {

// `own`: "NAME=value" texts. isa: "avx2" pins the instruction set, "native" leaves it to the libraries.
std::vector<std::string> worker_environment(const std::vector<std::string>& own, const std::string& isa,
                                            const std::string& scratch);

}  // namespace assay
