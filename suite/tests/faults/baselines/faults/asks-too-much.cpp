// Asks for more memory than the machine has, at once.
#include <vector>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register asks_too_much_registered("asks-too-much",
                                        [](const Job&, Reporter&) { std::vector<char> all(std::size_t{1} << 45); });

}  // namespace assay::faults
