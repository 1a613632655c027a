#include "ssl-multi-label/base_loss.hpp"

#include "multi-label-kd/labelled_data.hpp"

namespace assay::ssl_multi_label {

torch::Tensor asymmetric_loss(const torch::Tensor& z, const torch::Tensor& y) {
  constexpr double kClip = 0.05, kFocus = 4, kSmallest = 1e-8;
  const auto p = z.sigmoid();
  const auto q = (1 - p + kClip).clamp_max(1);
  const auto weight = (1 - q.detach()).pow(kFocus);
  return -(y * p.clamp_min(kSmallest).log() + (1 - y) * weight * q.clamp_min(kSmallest).log());
}

torch::Tensor BaseLoss::operator()(const torch::Tensor& z, const torch::Tensor& y, const torch::Tensor& mask) const {
  const auto losses = asymmetric ? asymmetric_loss(z, y)
                                 : torch::binary_cross_entropy_with_logits(z, y, {}, {}, torch::Reduction::None);
  auto counted = y.ne(multi_label::kUnknown).to(z.scalar_type());
  if (mask.defined()) counted = counted * mask;
  const auto total = (losses * counted).sum();
  return sum ? total : total / z.size(0);
}

}  // namespace assay::ssl_multi_label
