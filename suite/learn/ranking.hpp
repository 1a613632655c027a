// Orders and draws by score. LibTorch-free.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/streams.hpp"

namespace assay::learn {

// Positions of the m largest scores (all, where there are fewer), best first; of equal ones the smaller position comes
// first. NonFinite where a score is NaN; infinities are scores.
std::vector<std::int64_t> top(std::span<const double> score, std::size_t m);

// (v - min) / (max - min); all zeros where max = min.
std::vector<double> minmax(std::span<const double> values);

// m distinct members of `from` (all, where there are fewer), in the order drawn.
std::vector<std::int64_t> draw(std::vector<std::int64_t> from, std::size_t m, Stream& stream);

// A position drawn with probability weight / sum of weights, none negative, not all zero.
std::size_t draw_weighted(std::span<const double> weights, Stream& stream);

// Class quotas: how many of `total` each class gets. Base floor(total / classes) each (empty classes count), one more
// to the largest classes for the remainder; what a class cannot fill is handed out round-robin, largest class first,
// skipping full ones. Of equally large classes the smaller number comes first. `sizes`: candidates per class.
// Sum = min(total, sum of sizes).
std::vector<std::int64_t> class_quotas(std::span<const std::int64_t> sizes, std::int64_t total);

}  // namespace assay::learn
