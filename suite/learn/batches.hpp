// Images as methods see them, and the mini-batches that they train on.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "core/streams.hpp"
#include "learn/network.hpp"

namespace assay::learn {

struct Normalisation {
  std::vector<double> mean, deviation;  // per channel, of pixels in [0, 1]
};

// A weak view of an image: shifted by up to `shift` pixels in either direction over black, mirrored with probability
// 1/2.
struct Augmentation {
  std::int64_t shift = 0;
  bool mirror = false;
};

// Pixels stay bytes; batches are normalised as they are made, so that a whole data set costs a quarter of its floats.
class ImageSet {
 public:
  ImageSet() = default;
  ImageSet(torch::Tensor pixels, const Normalisation& normalisation);  // uint8 [n, channels, height, width]

  std::int64_t size() const { return pixels_.size(0); }
  ImageShape shape() const { return {pixels_.size(1), pixels_.size(2), pixels_.size(3)}; }
  const torch::Tensor& pixels() const { return pixels_; }
  ImageSet subset(const torch::Tensor& rows) const;  // int64 [m]

  torch::Tensor plain(std::int64_t from, std::int64_t to) const;  // normalised rows from..to-1
  torch::Tensor weak(std::span<const std::int64_t> rows, const Augmentation& augmentation, Stream& augment) const;

 private:
  torch::Tensor pixels_;
  torch::Tensor levels_;  // float [channels, 256]: the normalised value of each byte
};

struct Batch {
  torch::Tensor x;                   // float [batch, channels, height, width]
  torch::Tensor y;                   // int64 [batch]: given labels
  torch::Tensor index;               // int64 [batch]: positions in the training set
  std::int64_t epoch = 0, step = 0;  // from 0; step counts over all epochs
};

// Epoch after epoch of shuffled, weakly augmented batches; the last incomplete one is dropped.
class Loader {
 public:
  Loader(const ImageSet& images, const torch::Tensor& labels, std::int64_t batch, Augmentation augmentation,
         Stream order, Stream augment, torch::Device device = torch::kCPU);

  std::int64_t steps_per_epoch() const { return images_.size() / batch_; }
  Batch next();  // begins a new epoch where the last one is used up

 private:
  ImageSet images_;
  torch::Tensor labels_;
  std::int64_t batch_;
  Augmentation augmentation_;
  Stream order_stream_, augment_stream_;
  torch::Device device_;
  std::vector<std::int64_t> order_;
  std::int64_t taken_ = 0;
};

}  // namespace assay::learn
