// The Hungarian method: rows to columns, one to one, with the largest total weight. O(n^2 m). LibTorch-free.
#pragma once

#include <cstdint>
#include <vector>

namespace assay::learn {

// weight: [rows][columns], finite. Returns the column of each row, -1 for rows left over (rows > columns).
std::vector<std::int64_t> best_assignment(const std::vector<std::vector<double>>& weight);

}  // namespace assay::learn
