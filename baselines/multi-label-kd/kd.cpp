// Knowledge distillation (Hinton, Vinyals and Dean, 2015), one Bernoulli distribution for each label.
//
// R1  L = BCE + w tau^2 (1/B) sum_ik KL(Ber(sigmoid(z^T_ik / tau)) || Ber(sigmoid(z^S_ik / tau))); tau^2 keeps the
//     gradient's scale, tau (sigmoid(z^S / tau) - sigmoid(z^T / tau)) / B. tau -> infinity: sum (z^S - z^T)^2 / 8 / B.
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor kd_loss(const torch::Tensor& student, const torch::Tensor& teacher, double tau) {  // R1
  return tau * tau * bkl(teacher / tau, student / tau).sum() / student.size(0);
}

class KnowledgeDistillation final : public Method {
 public:
  explicit KnowledgeDistillation(StrictObject& card) : tau_(card.real("tau")), w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .loss = [tau = tau_, w = w_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          return Losses{bce(student.z, batch.y), w * kd_loss(student.z, teacher.z, tau)};
                        }});
  }

 private:
  double tau_, w_;
};

const Register<KnowledgeDistillation> kd_registered{"kd"};

}  // namespace assay::multi_label_kd
