// The pictures of a run: photograph, truth, probability map and thresholded overlay.
#pragma once

#include <span>

#include "core/strict_json.hpp"
#include "crack-detection/pixel_metrics.hpp"
#include "crack-detection/problem.hpp"
#include "learn/reporter.hpp"

namespace assay::cracks {

inline constexpr std::int64_t kTolerance = 2;  // pixels: of the ranking metric and of the overlay's colours

// Three test pictures with cracks and one without, as far as there are, the same ones for all methods (stream
// "split/exhibit"); thresholded at T_k.
Json exhibit_of(const Split& test, std::span<const Scored> scored, std::size_t k, Stream stream, Reporter& reporter);

}  // namespace assay::cracks
