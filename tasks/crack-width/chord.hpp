// Lengths across a mask, finer than a pixel.
#pragma once

#include <optional>

#include "crack-width/mask_facts.hpp"

namespace assay::crack_width {

struct Place {
  double x = 0, y = 0;
};

inline constexpr double kRayStep = 0.25, kRayCap = 60;

// From a pixel's centre along the unit vector (x, y) to where the bilinearly interpolated mask falls below 0.5: steps
// of 0.25 px, linear within the step. Beyond the image the edge's value goes on. Nothing where 60 px do not reach the
// end.
std::optional<double> ray(const Mask& mask, const Pixel& from, double x, double y);

struct Chord {
  double width = 0;
  Place begin, end;
};

// Both rays, along `angle` (radians) and against it; nothing where one of them does not end.
std::optional<Chord> chord(const Mask& mask, const Pixel& through, double angle);

// The shortest of the chords at k 5 degrees, k = 0..35; of equal ones the first. Chords that do not end are left out.
std::optional<Chord> shortest_chord(const Mask& mask, const Pixel& through);

}  // namespace assay::crack_width
