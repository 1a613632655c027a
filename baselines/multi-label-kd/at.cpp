// Attention transfer (Zagoruyko and Komodakis, ICLR 2017), from activations.
//
// R1  Attention map of a tap F [batch, channels, height, width]: Q = mean over the channels of F^2, flattened, divided
//     by its l2 norm, image by image (section 3.1: sum of squares; the norm takes the factor).
// R2  Where the maps of student and teacher differ in size, the larger F is adaptively average-pooled to the smaller
//     size before it is squared.
// R3  L = BCE + w sum over the taps t1 and f of mean over batch and places of (Q^S - Q^T)^2 (RepDistiller's form of Eq.
//     2, which takes the norm of the difference).
// R4  Scaling an image's F by a positive factor changes nothing.
#include <algorithm>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor at_map(const torch::Tensor& features) {  // R1
  return torch::nn::functional::normalize(features.square().mean(1).flatten(1),
                                          torch::nn::functional::NormalizeFuncOptions().p(2).dim(1));
}

torch::Tensor at_pooled(const torch::Tensor& features, std::int64_t height, std::int64_t width) {  // R2
  if (features.size(2) <= height && features.size(3) <= width) return features;
  return torch::adaptive_avg_pool2d(features, {height, width});
}

torch::Tensor at_loss(const torch::Tensor& student, const torch::Tensor& teacher) {  // of one tap
  const auto height = std::min(student.size(2), teacher.size(2)), width = std::min(student.size(3), teacher.size(3));
  return (at_map(at_pooled(student, height, width)) - at_map(at_pooled(teacher, height, width))).square().mean();
}

class At final : public Method {
 public:
  explicit At(StrictObject& card) : weight_(card.real("w")) {}

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .maps = true,
                        .loss = [weight = weight_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          const auto apart = at_loss(student.t1, teacher.t1) + at_loss(student.f, teacher.f);
                          return Losses{bce(student.z, batch.y), weight * apart};
                        }});
  }

 private:
  double weight_;
};

const Register<At> at_registered{"at"};

}  // namespace assay::multi_label_kd
