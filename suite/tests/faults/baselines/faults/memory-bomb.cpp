// Takes memory piece by piece, and uses it.
#include <cstring>
#include <memory>
#include <vector>

#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register memory_bomb_registered("memory-bomb", [](const Job&, Reporter&) {
  std::vector<std::unique_ptr<char[]>> pieces;
  for (int i = 0; i < 4000; ++i) {
    pieces.emplace_back(new char[1 << 20]);
    std::memset(pieces.back().get(), i | 1, 1 << 20);
  }
});

}  // namespace assay::faults
