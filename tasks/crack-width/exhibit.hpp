// Pictures of single measurements: a cut-out of the mask with the check point and what was measured.
#pragma once

#include "core/streams.hpp"
#include "crack-width/scorer.hpp"

namespace assay::crack_width {

// Examples as learn/reporter.hpp describes them: irregular and regular points in turns, each from another scene, the
// same for all methods.
Json exhibit(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, Stream stream,
             Reporter& reporter);

// PNG of the part of the mask around a point, each pixel as a block; with the measurement, if there is one.
std::string drawn(const Mask& mask, const Pixel& point, const std::optional<Measurement>& measurement);

}  // namespace assay::crack_width
