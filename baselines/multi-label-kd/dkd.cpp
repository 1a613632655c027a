// Decoupled knowledge distillation (Zhao, Cui, Song, Qiu and Liang, CVPR 2022), multi-label form.
//
// R1  The paper splits the softmax at its one target class. Here every positive k of an image is a target against the
//     image's negatives (p_k, q: partial_softmax.hpp):
//     DKD = tau^2 (1/B) sum over images and their positives of
//         alpha KL(Ber(p^T_k) || Ber(p^S_k)) + beta KL(q^T || q^S).
//     With 1 - p^T_k for beta and alpha = 1 it is `ps`.
// R2  L = BCE + r DKD, r = min((epoch + 1) / warmup, 1), epoch from 0; warmup = 0: r = 1.
// R3  An image without positives or without negatives adds 0. Unknown labels are neither.
#include <algorithm>

#include "partial_softmax.hpp"

namespace assay::multi_label_kd {

torch::Tensor dkd_loss(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y, double alpha,
                       double beta, double tau) {  // R1
  const auto parts = partial_softmax(student, teacher, y, tau);
  return partial_softmax_loss(parts, alpha, torch::full_like(parts.negatives, beta), tau);
}

double dkd_ramp(std::int64_t epoch, std::int64_t warmup) {  // R2
  return warmup == 0 ? 1 : std::min(static_cast<double>(epoch + 1) / static_cast<double>(warmup), 1.0);
}

class DecoupledKd final : public Method {
 public:
  explicit DecoupledKd(StrictObject& card)
      : alpha_(card.real("alpha")), beta_(card.real("beta")), tau_(card.real("tau")), warmup_(card.integer("warmup")) {}

  Predictor fit(const View& view) override {
    return train(
        view, {.student = view.student(), .loss = [this](const Batch& batch, const Taps& student, const Taps& teacher) {
                 const auto dkd = dkd_loss(student.z, teacher.z, batch.y, alpha_, beta_, tau_);
                 return Losses{bce(student.z, batch.y), dkd_ramp(batch.epoch, warmup_) * dkd};
               }});
  }

 private:
  double alpha_, beta_, tau_;
  std::int64_t warmup_;
};

const Register<DecoupledKd> dkd_registered{"dkd"};

}  // namespace assay::multi_label_kd
