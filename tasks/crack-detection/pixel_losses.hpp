// Losses of logit maps that several methods share. Labels: float, 1 crack, 0 none, 0.5 ignored; ignored pixels carry no
// loss and are not counted. Maps are [batch, 1, height, width].
#pragma once

#include <torch/torch.h>

#include <vector>

#include "crack-detection/protocol.hpp"

namespace assay::cracks {

torch::Tensor judged(const torch::Tensor& labels);  // float: 1 where a pixel has a label, 0 where it is ignored

// Binary cross-entropy of each pixel; targets in [0, 1].
torch::Tensor pixel_bce(const torch::Tensor& logits, const torch::Tensor& targets);
// Mean of `losses` weighted by `weights` of 0 and 1; 0 where all weights are 0.
torch::Tensor mean_over(const torch::Tensor& losses, const torch::Tensor& weights);

// Class-balanced cross-entropy (HED, Eq. 2; RCF, Eq. 1): positives weigh |Y-|/|Y|, negatives `negative` |Y+|/|Y|, with
// counts of the image; summed over its pixels, mean over the batch.
torch::Tensor balanced_bce(const torch::Tensor& logits, const torch::Tensor& labels, double negative);

struct Focal {
  double gamma = 2;            // 0: weighted cross-entropy
  double crack = 1, rest = 1;  // alpha of either class
};
// Focal loss (Lin, Goyal, Girshick, He and Dollar, ICCV 2017, Eq. 5): mean of alpha_t (1 - p_t)^gamma BCE.
torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& labels, const Focal& focal);

// Soft Dice (Milletari, Navab and Ahmadi, 3DV 2016) with a smoothing of 1: mean over images of
// 1 - (2 sum p y + 1) / (sum p + sum y + 1).
torch::Tensor dice_loss(const torch::Tensor& logits, const torch::Tensor& labels);

using MapLoss = std::function<torch::Tensor(const torch::Tensor& logits, const torch::Tensor& labels)>;
// Deep supervision: sum of weights[k] loss(maps[k]); no weights are ones.
torch::Tensor supervised(const Maps& maps, const torch::Tensor& labels, const MapLoss& loss,
                         const std::vector<double>& weights = {});

}  // namespace assay::cracks
