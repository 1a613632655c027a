// What a network sees of an image: normalised, and changed by an augmentation. Shared by multi-label-kd and
// ssl-multi-label. Everything random comes from the stream that is handed in.
#pragma once

#include <torch/torch.h>

#include "core/streams.hpp"
#include "learn/batches.hpp"

namespace assay::multi_label {

torch::Tensor plain(const torch::Tensor& pixels,
                    const learn::Normalisation& normalisation);              // uint8 to float [n, ch, h, w]
torch::Tensor mirrored(const torch::Tensor& x, const torch::Tensor& which);  // float [n, ch, h, w]; bool [n]

// The colour augmentation of L2D's code: a square of half the side at a random centre, clipped to the image, in a
// random colour (Cutout, DeVries and Taylor 2017), then its package's RandAugment (vision/rand_augment.hpp).
torch::Tensor cutout_rand_augment(const torch::Tensor& image, Stream& stream);  // uint8 [3, height, width], both

// The strong view of generated scenes: mirrored with probability 1/2, shifted by up to `shift` pixels along both axes
// with wrap-around, contrast a (x - m) + m + b with a in [.6, 1.4], b in [-.5, .5], m the image's mean, and a square of
// side `cutout` at a random centre, clipped, set to 0. x: float [channels, height, width], normalised.
torch::Tensor strong_scene_view(const torch::Tensor& x, std::int64_t shift, std::int64_t cutout, Stream& stream);

}  // namespace assay::multi_label
