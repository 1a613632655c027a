// Random colour and shape changes of an image, as L2D's code draws them: the package `randaugment` 1.0.2. It is not the
// RandAugment of the paper (Cubuk, Zoph, Shlens and Le, NeurIPS 2020), which has another list of changes, no
// probability, and one strength for all of a training.
#pragma once

#include "core/streams.hpp"
#include "vision/colour_file.hpp"

namespace assay::vision {

enum class Change {
  kInvert,
  kCutout,  // a small square in one colour
  kSharpness,
  kAutoContrast,
  kPosterize,
  kShearX,
  kTranslateX,
  kTranslateY,
  kShearY,
  kRotate,
  kEqualize,
  kContrast,
  kColour,
  kSolarize,
  kBrightness,
};
inline constexpr int kChanges = 15, kStrongest = 9;

// `strength` of 0..9; `negative`: the other direction, where the change has two. Only a cutout draws: its centre.
Colour changed(const Colour& image, Change change, int strength, bool negative, Stream& stream);

// Two changes one after the other, each one of the 15 at a strength of 1..9, done with probability 1/2. Draws for
// either: change, strength, whether, direction; then its own, if it is done.
Colour rand_augment(const Colour& image, Stream& stream);

}  // namespace assay::vision
