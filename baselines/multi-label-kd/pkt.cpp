// Probabilistic knowledge transfer (Passalis and Tefas, ECCV 2018) on the averaged final map g.
//
// R1  f = g / (|g| + 1e-7); K = (f f^T + 1) / 2; P = K / sum of its row, diagonal included.
// R2  L = BCE + w (mean over B^2 of P^T ln((P^T + 1e-7) / (P^S + 1e-7))).
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

constexpr double kPktSmall = 1e-7;

torch::Tensor pkt_neighbours(const torch::Tensor& g) {  // R1: P [B, B]
  const auto f = g / (g.norm(2, {1}, /*keepdim=*/true) + kPktSmall);
  const auto similar = (torch::mm(f, f.t()) + 1) / 2;
  return similar / similar.sum(1, /*keepdim=*/true);
}

torch::Tensor pkt_loss(const torch::Tensor& student, const torch::Tensor& teacher) {  // R2
  const auto p = pkt_neighbours(teacher), q = pkt_neighbours(student);
  return (p * ((p + kPktSmall) / (q + kPktSmall)).log()).mean();
}

class Pkt final : public Method {
 public:
  explicit Pkt(StrictObject& card) : w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .loss = [w = w_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          return Losses{bce(student.z, batch.y), w * pkt_loss(student.g, teacher.g)};
                        }});
  }

 private:
  double w_;
};

const Register<Pkt> pkt_registered{"pkt"};

}  // namespace assay::multi_label_kd
