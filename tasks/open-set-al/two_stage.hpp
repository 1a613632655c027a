// Queries in two stages: a gate lets the likeliest known examples through, a value ranks what has passed.
// LibTorch-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace assay::open_set_al {

struct TwoStages {
  std::size_t pass = 0, take = 0;  // of all candidates; of those that passed. Fewer where there are fewer.
};

// Of the positions `among`, ascending, the `pass` with the largest gate; of these the `take` with the largest value,
// best first. Ties go to the smaller position in both stages. `gate`, `value`: by position.
std::vector<std::int64_t> gate_then_rank(std::span<const std::int64_t> among, std::span<const double> gate,
                                         std::span<const double> value, const TwoStages& stages);

// The same within each class c = 0 .. classes - 1, among the positions predicted as c, one class after another.
// Positions predicted as another class are left out.
std::vector<std::int64_t> gate_then_rank_by_class(std::span<const std::int64_t> predicted, std::int64_t classes,
                                                  std::span<const double> gate, std::span<const double> value,
                                                  const TwoStages& stages);

// The ids at these positions.
std::vector<std::int64_t> ids_at(std::span<const std::int64_t> ids, std::span<const std::int64_t> positions);

}  // namespace assay::open_set_al
