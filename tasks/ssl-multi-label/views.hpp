// The training images as networks see them: plain, or strongly augmented; whole, or as a grid of patches.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "core/streams.hpp"
#include "learn/batches.hpp"

namespace assay::ssl_multi_label {

inline constexpr std::int64_t kGrid = 2, kPatches = kGrid * kGrid;

using Rows = std::vector<std::int64_t>;

// [n, channels, h, w] to [4 n, channels, h', w']: the quarters of each image, an image's four in sequence, row by row.
// Of colour images each is resized to the image's size; the small network takes quarters as they are.
torch::Tensor patches(const torch::Tensor& x);

class Images {
 public:
  Images() = default;
  Images(torch::Tensor pixels, learn::Normalisation normalisation, torch::Device device)
      : pixels_(std::move(pixels)), normalisation_(std::move(normalisation)), device_(device) {}

  std::int64_t size() const { return pixels_.size(0); }

  // Float batches on the device. Strong views: of grey scenes strong_scene_view, of colour images mirrored with
  // probability 1/2 and cutout_rand_augment (multi-label-kd/views.hpp). Of patches each has an augmentation of its own.
  torch::Tensor plain(const Rows& rows) const;
  torch::Tensor strong(const Rows& rows, Stream& augment) const;
  torch::Tensor strong_patches(const Rows& rows, Stream& augment) const;

 private:
  torch::Tensor chosen(const Rows& rows) const;

  torch::Tensor pixels_;  // uint8 [n, channels, height, width]
  learn::Normalisation normalisation_;
  torch::Device device_ = torch::kCPU;
};

// Positions 0..count-1 in random order, shuffled anew whenever all are dealt.
class Deck {
 public:
  Deck(std::int64_t count, Stream order) : count_(count), order_(order) {}
  Rows deal(std::int64_t n);

 private:
  std::int64_t count_;
  Stream order_;
  Rows left_;  // dealt from the end
};

}  // namespace assay::ssl_multi_label
