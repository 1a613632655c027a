// A tiny data set of images with several labels, for the tests of both multi-label tasks.
#pragma once

#include <torch/torch.h>

#include <string>

#include "core/streams.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::multi_label::synthetic {

// Ten labels on 64x64 grey images: label k is a bright stripe at its place, on noise; each with probability 0.3.
inline LabelledImages stripes(std::int64_t count, std::uint64_t seed) {
  LabelledImages images;
  images.pixels = torch::empty({count, 1, 64, 64}, torch::kUInt8);
  images.labels = torch::zeros({count, 10});
  Stream stream(seed);
  auto* pixel = images.pixels.data_ptr<std::uint8_t>();
  auto* label = images.labels.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < 10; ++k) label[i * 10 + k] = stream.uniform() < 0.3 ? 1 : 0;
    for (std::int64_t p = 0; p < 64 * 64; ++p) {
      const auto stripe = p / 64 / 6;
      const bool bright = stripe < 10 && label[i * 10 + stripe] == 1;
      pixel[i * 64 * 64 + p] = static_cast<std::uint8_t>(stream.below(120) + (bright ? 90 : 0));
    }
    images.names.push_back(std::to_string(i));
  }
  return images;
}

inline LabelledData striped_data(std::int64_t train, std::int64_t test) {
  LabelledData data;
  data.train = stripes(train, 1);
  data.test = stripes(test, 2);
  for (int k = 0; k < 10; ++k) data.classes.push_back("stripe " + std::to_string(k));
  data.normalisation = {{0.3}, {0.3}};
  return data;
}

}  // namespace assay::multi_label::synthetic
