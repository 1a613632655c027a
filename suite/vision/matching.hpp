// Maximum bipartite matching.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::vision {

// The size of a largest set of pairs (left, right) in which nobody occurs twice, by Hopcroft and Karp (SIAM J. Comput. 1973).
// `neighbours[l]`: the right ones, 0..right-1, that left one l may be paired with.
std::size_t maximum_matching(const std::vector<std::vector<std::int32_t>>& neighbours, std::size_t right);

}  // namespace assay::vision
