// The loss of an image's labels, from its logits: the setting's, equal for all methods.
#pragma once

#include <torch/torch.h>

namespace assay::ssl_multi_label {

// Asymmetric loss (Ridnik et al., ICCV 2021) with gamma- = 4, gamma+ = 0 and clip c = 0.05, as CAP's and D2L's codes
// have it, elementwise: p = sigmoid(z), q = min(1 - p + c, 1), -[y ln p + (1 - y) (1 - q)^4 ln q], the weight without
// gradient.
torch::Tensor asymmetric_loss(const torch::Tensor& z, const torch::Tensor& y);

struct BaseLoss {
  bool asymmetric = false;  // otherwise binary cross-entropy
  bool sum = false;         // over the rows, as in the released codes; otherwise their mean (CAP, Eq. 6)

  // Sum over the classes. Pairs of an unknown label (0.5) cost nothing, nor those whose mask is 0. [rows, classes]
  torch::Tensor operator()(const torch::Tensor& z, const torch::Tensor& y, const torch::Tensor& mask = {}) const;
};

}  // namespace assay::ssl_multi_label
