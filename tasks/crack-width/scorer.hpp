// Scores of measured widths: section 3.3 of the specification.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "crack-detection/pavement.hpp"
#include "crack-width/protocol.hpp"
#include "learn/reporter.hpp"

namespace assay::crack_width {

using Scene = cracks::WidthScene;

// One width beside the truth; no value where the method gave none.
struct Pair {
  double truth = 0;
  std::optional<double> found;
};

// Errors are over the pairs with a value, NaN where there is none; the failure rate is over all pairs.
struct Figures {
  double mae = 0, bias = 0, rmse = 0, relative_error = 0;
  double p95 = 0;           // of |e|, nearest rank
  double failure_rate = 0;  // no value, or |e| > max(3, w / 2)
};
Figures figures_of(std::span<const Pair> pairs);

// What became of one scene. Seconds are those of all its points of the kind, once.
struct Measured {
  std::vector<std::optional<Measurement>> answers;  // [points]
  double prepare_seconds = 0, regular_seconds = 0, irregular_seconds = 0;
};

// The MAE without one scene, for each scene: what the contributions of scenes are made of. Scenes and not points, since
// points of one crack are not independent. Where the other scenes hold no value the MAE stays what it is.
double mae_without(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, std::size_t left_out);

// Metrics, digest, predictions and notes of a run.
void report_scores(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, Reporter& reporter);

}  // namespace assay::crack_width
