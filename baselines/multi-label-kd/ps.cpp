// Partial softmax (Song, Wu, Yang, Zhang, Li and Yuan, ACM MM 2021), after psm.py of L2D's released code.
//
// R1  For a positive k of image i: softmax of z / tau over {k} and all negatives of i, for teacher and student.
//     PS = tau^2 (1/B) sum over images and their positives of KL(teacher's || student's). L = BCE + w PS.
// R2  Computed as KL(Ber(p^T_k) || Ber(p^S_k)) + (1 - p^T_k) KL(q^T || q^S) (partial_softmax.hpp): the same number,
//     with one softmax over the negatives for all positives of an image.
// R3  An image without positives or without negatives adds 0. Unknown labels are neither. A constant added to all
//     logits of an image changes nothing, so their level comes from BCE alone.
#include "partial_softmax.hpp"

namespace assay::multi_label_kd {

torch::Tensor ps_loss(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y, double tau) {
  const auto parts = partial_softmax(student, teacher, y, tau);
  return partial_softmax_loss(parts, 1, 1 - parts.p, tau);
}

class PartialSoftmaxKd final : public Method {
 public:
  explicit PartialSoftmaxKd(StrictObject& card) : tau_(card.real("tau")), w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .loss = [tau = tau_, w = w_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          return Losses{bce(student.z, batch.y), w * ps_loss(student.z, teacher.z, batch.y, tau)};
                        }});
  }

 private:
  double tau_, w_;
};

const Register<PartialSoftmaxKd> ps_registered{"ps"};

}  // namespace assay::multi_label_kd
