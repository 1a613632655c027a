// Contrastive pre-training without labels: SimCLR (Chen, Kornblith, Norouzi and Hinton, ICML 2020).
#pragma once

#include <torch/torch.h>

#include "core/streams.hpp"
#include "learn/batches.hpp"
#include "learn/bodies.hpp"

namespace assay::learn {

// NT-Xent (Eq. 1): v [2B, d], rows i and i + B are two views of one image; normalised here. Mean cross-entropy of each
// row's other view among the 2B - 1 others, at similarity / temperature.
torch::Tensor nt_xent(const torch::Tensor& v, double temperature = 0.5);

// One view of each image: x float [n, c, h, w] normalised. A crop window of scale s uniform in [.5, 1] at a uniform
// offset within +-(1 - s), bilinear with border fill; mirrored with 1/2; contrast uniform in [.6, 1.4], brightness shift
// uniform in [-.4, .4]. Drawn image by image: scale, offset to the right, downwards, mirror, contrast, brightness.
torch::Tensor contrastive_view(const torch::Tensor& x, Stream& stream);

struct ContrastiveRecipe {
  std::int64_t steps = 300, batch = 128, projection = 64;
  double learning_rate = 2e-3, weight_decay = 1e-4, temperature = 0.5;
};

// Trains a body with a linear projection on all images. Adam. The body is left in evaluation mode.
std::shared_ptr<Body> train_contrastive(const ImageSet& images, const std::string& body,
                                        const ContrastiveRecipe& recipe, const Streams& streams, torch::Device device);

}  // namespace assay::learn
