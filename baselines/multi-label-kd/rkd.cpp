// Relational knowledge distillation (Park, Kim, Lu and Cho, CVPR 2019) on the averaged final map g.
//
// R1  L_D = mean over the B^2 ordered pairs of H(d^S / mu^S, d^T / mu^T), d Euclidean distances, mu each network's mean
//     over pairs of different rows, H the Huber loss with its knee at 1.
// R2  L_A = mean over the B^3 triplets of H(cos^S, cos^T), the cosine of the angle at i between j and k, of unit
//     vectors e_ij along g_i - g_j; e_ij = 0 where rows coincide.
// R3  L = BCE + w_distance L_D + w_angle L_A.
#include "learn/pairwise_distances.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor rkd_distance_loss(const torch::Tensor& student, const torch::Tensor& teacher) {  // R1
  const auto rows = student.size(0);
  const auto all = torch::ones({1, rows}, student.options().dtype(torch::kBool));
  return learn::distance_losses(student.unsqueeze(0), teacher.unsqueeze(0), all, learn::DistanceScale::kGroup).sum() /
         (rows * rows);
}

torch::Tensor rkd_cosines(const torch::Tensor& g) {  // [B, B, B]: at i, between j and k
  constexpr double kCoincide = 1e-12;
  const auto difference = g.unsqueeze(1) - g.unsqueeze(0);
  const auto squared = difference.square().sum(2, /*keepdim=*/true);
  const auto unit = difference * squared.clamp_min(kCoincide).rsqrt() * (squared > kCoincide);
  return torch::bmm(unit, unit.transpose(1, 2));
}

torch::Tensor rkd_angle_loss(const torch::Tensor& student, const torch::Tensor& teacher) {  // R2
  return torch::smooth_l1_loss(rkd_cosines(student), rkd_cosines(teacher));
}

class Rkd final : public Method {
 public:
  explicit Rkd(StrictObject& card) : w_distance_(card.real("w_distance")), w_angle_(card.real("w_angle")) {}

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .loss = [w_distance = w_distance_, w_angle = w_angle_](const Batch& batch, const Taps& student,
                                                                               const Taps& teacher) {
                          return Losses{bce(student.z, batch.y), w_distance * rkd_distance_loss(student.g, teacher.g) +
                                                                     w_angle * rkd_angle_loss(student.g, teacher.g)};
                        }});
  }

 private:
  double w_distance_, w_angle_;
};

const Register<Rkd> rkd_registered{"rkd"};

}  // namespace assay::multi_label_kd
