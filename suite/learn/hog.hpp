// Histograms of oriented gradients (Dalal and Triggs, CVPR 2005), and principal components: a feature space that needs
// no training. Works on bytes; LibTorch holds the result.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace assay::learn {

// Central differences with a zero border; magnitude-weighted unsigned orientations in 8 bins over [0, pi), whose centres
// are the multiples of pi/8, linear interpolation between two bins (circular); cells of 4x4 pixels without blocks, row by
// row. Each image is L2-normalised, square-rooted, L2-normalised. Colour images: the mean of their channels. pixels uint8
// [n, channels, height, width], sides multiples of 4 (what is left over is not covered). float32 [n, cells * 8].
torch::Tensor oriented_histograms(const torch::Tensor& pixels);

// The axes of largest variance of some rows, and the scores of these or others on them.
struct PrincipalAxes {
  torch::Tensor mean;  // float64 [d]
  torch::Tensor axes;  // float64 [d, axes]: orthonormal, by falling variance

  torch::Tensor scores(const torch::Tensor& rows) const;  // centred; float32 [n, axes]
};

// The leading `count` axes (fewer where the rank is smaller); an axis points where its largest entry is positive.
PrincipalAxes principal_axes(const torch::Tensor& rows, std::int64_t count);

}  // namespace assay::learn
