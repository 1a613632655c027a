#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

torch::Tensor judged(const torch::Tensor& labels) { return labels.ne(0.5).to(labels.scalar_type()); }

torch::Tensor pixel_bce(const torch::Tensor& logits, const torch::Tensor& targets) {
  return torch::binary_cross_entropy_with_logits(logits, targets, {}, {}, torch::Reduction::None);
}

torch::Tensor mean_over(const torch::Tensor& losses, const torch::Tensor& weights) {
  return (losses * weights).sum() / weights.sum().clamp_min(1);
}

torch::Tensor balanced_bce(const torch::Tensor& logits, const torch::Tensor& labels, double negative) {
  const auto cracks = labels.eq(1).to(labels.scalar_type()), rest = labels.eq(0).to(labels.scalar_type());
  const auto count = [](const torch::Tensor& mask) { return mask.sum({1, 2, 3}, /*keepdim=*/true); };
  const auto all = (count(cracks) + count(rest)).clamp_min(1);
  const auto weights = cracks * (count(rest) / all) + rest * (negative * count(cracks) / all);
  return (weights * pixel_bce(logits, labels)).sum() / static_cast<double>(labels.size(0));
}

torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& labels, const Focal& focal) {
  const auto losses = pixel_bce(logits, labels);
  const auto miss = 1 - (-losses).exp();  // 1 - p_t, since BCE = -log p_t
  const auto alpha = focal.rest + (focal.crack - focal.rest) * labels;
  // x^gamma has no finite slope at 0 for gamma < 1; gamma = 0 is left out for the same reason.
  const auto weighed = focal.gamma == 0 ? alpha * losses : alpha * miss.clamp_min(1e-12).pow(focal.gamma) * losses;
  return mean_over(weighed, judged(labels));
}

torch::Tensor dice_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto counted = judged(labels);
  const auto p = logits.sigmoid() * counted, y = labels * counted;
  const auto sum = [](const torch::Tensor& map) { return map.sum({1, 2, 3}); };
  return (1 - (2 * sum(p * y) + 1) / (sum(p) + sum(y) + 1)).mean();
}

torch::Tensor supervised(const Maps& maps, const torch::Tensor& labels, const MapLoss& loss,
                         const std::vector<double>& weights) {
  torch::Tensor total;
  for (std::size_t k = 0; k < maps.size(); ++k) {
    const auto one = weights.empty() ? loss(maps[k], labels) : weights[k] * loss(maps[k], labels);
    total = total.defined() ? total + one : one;
  }
  return total;
}

}  // namespace assay::cracks
