// Mean squared error of logits, as in CPSD (Xu, Huang, Zhou, Huangfu, Zeng and Liu, IJCAI 2022).
//
// R1  L = BCE + w (1/B) sum_ik (z^S_ik - z^T_ik)^2. Gradient 2 w (z^S - z^T) / B: 8 times the limit of `kd` for tau to
//     infinity.
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor mse_of_logits(const torch::Tensor& student, const torch::Tensor& teacher) {  // R1
  return (student - teacher).pow(2).sum() / student.size(0);
}

class Mse final : public Method {
 public:
  explicit Mse(StrictObject& card) : w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .loss = [w = w_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          return Losses{bce(student.z, batch.y), w * mse_of_logits(student.z, teacher.z)};
                        }});
  }

 private:
  double w_;
};

const Register<Mse> mse_registered{"mse"};

}  // namespace assay::multi_label_kd
