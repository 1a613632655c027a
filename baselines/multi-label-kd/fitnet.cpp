// FitNets (Romero et al., ICLR 2015): the student's final map, through a regressor, imitates the teacher's.
//
// R1  r = ReLU(BN(convolution(f^S))): 1x1, or 3x3 with stride 2 where the student's map has twice the side. The
//     regressor learns with the student and is dropped after training.
// R2  L = BCE + w (mean over all elements of (r - f^T)^2), in one training: the paper's hint stage comes before it.
#include <array>

#include "core/errors.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

using FitnetSize = std::array<std::int64_t, 3>;  // channels, height, width

torch::nn::Sequential fitnet_regressor(const FitnetSize& from, const FitnetSize& to) {  // R1
  const auto is = [&](std::int64_t times) { return from[1] == times * to[1] && from[2] == times * to[2]; };
  if (!is(1) && !is(2)) {
    const auto side = [](const FitnetSize& size) { return std::to_string(size[1]) + " x " + std::to_string(size[2]); };
    throw DeclarationError({"unsuitable networks", "fitnet", "a student's map with the teacher's side or twice that",
                            side(from) + " for " + side(to), ""});
  }
  const auto conv = is(1) ? learn::Conv(from[0], to[0], 1, 1, 0) : learn::Conv(from[0], to[0], 3, 2, 1);
  return torch::nn::Sequential(conv, torch::nn::BatchNorm2d(to[0]), torch::nn::ReLU());
}

torch::Tensor fitnet_loss(const torch::Tensor& regressed, const torch::Tensor& teacher) {  // R2
  return torch::mse_loss(regressed, teacher);
}

class Fitnet final : public Method {
 public:
  explicit Fitnet(StrictObject& card) : w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    const auto student = view.student();
    auto regressor = fitnet_regressor(view.student_sizes().f, view.teacher().sizes().f);
    auto stream = view.stream("method");
    learn::initialise(*regressor, stream);
    return train(view, {.student = student,
                        .along = {regressor.ptr()},
                        .maps = true,
                        .loss = [regressor, w = w_](const Batch& batch, const Taps& net, const Taps& teacher) mutable {
                          return Losses{bce(net.z, batch.y), w * fitnet_loss(regressor->forward(net.f), teacher.f)};
                        }});
  }

 private:
  double w_;
};

const Register<Fitnet> fitnet_registered{"fitnet"};

}  // namespace assay::multi_label_kd
