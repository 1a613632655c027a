// Knowledge review (Chen, Liu, Zhao and Jia, CVPR 2021): student maps, the deepest first, are fused level by level, and
// each fused map imitates the teacher's at several scales.
//
// R1  Levels: the final map f, then, with levels = 2, the mid map t1. Fusion at a level: x = BN(conv1x1(map)), `mid`
//     channels. From the second level on: the previous mid map, resized to this level (nearest), gives y, and a =
//     sigmoid(conv1x1([x; y])), two channels: x <- x a_0 + y a_1. x is resized to the teacher's map (nearest) and goes
//     on to the next level; out = BN(conv3x3(x)), with the teacher's channels.
// R2  Of a level with maps h high: sum_l w_l MSE of both maps, averaged to l x l, / sum_l w_l, over l in {h, 4, 2, 1}
//     with l = h or l < h; w halves from scale to scale, from 1. Summed over levels.
// R3  L = BCE + w min(e / ramp, 1) L_review, e the epoch from 0; nothing in the first, as in the code.
// R4  Convolutions start Kaiming-uniform with a = 1, i.e. within +-sqrt(3 / fan in).
#include <array>
#include <cmath>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

using ReviewSize = std::array<std::int64_t, 3>;  // channels, height, width

torch::Tensor reviewkd_resized(const torch::Tensor& map, std::int64_t height, std::int64_t width) {
  if (map.size(2) == height && map.size(3) == width) return map;
  return torch::upsample_nearest2d(map, torch::IntArrayRef{height, width});
}

class ReviewFusion : public torch::nn::Module {  // R1
 public:
  ReviewFusion(std::int64_t in, std::int64_t mid, const ReviewSize& to, bool fuses)
      : narrow_(register_module("narrow", learn::Conv(in, mid, 1, 1, 0))),
        narrow_norm_(register_module("narrow_norm", torch::nn::BatchNorm2d(mid))),
        widen_(register_module("widen", learn::Conv(mid, to[0], 3, 1, 1))),
        widen_norm_(register_module("widen_norm", torch::nn::BatchNorm2d(to[0]))),
        height_(to[1]),
        width_(to[2]) {
    if (fuses) attention_ = register_module("attention", learn::Pointwise(2 * mid, 2));
  }

  struct Fused {
    torch::Tensor out, mid;
  };
  Fused forward(const torch::Tensor& map, const torch::Tensor& previous) {
    auto x = narrow_norm_(narrow_(map));
    if (attention_) {
      const auto y = reviewkd_resized(previous, x.size(2), x.size(3));
      const auto a = attention_(torch::cat({x, y}, 1)).sigmoid();
      x = x * a.narrow(1, 0, 1) + y * a.narrow(1, 1, 1);
    }
    x = reviewkd_resized(x, height_, width_);
    return {widen_norm_(widen_(x)), x};
  }

  void initialise(Stream& stream) {  // R4
    learn::initialise(*this, stream);
    torch::NoGradGuard no_grad;
    for (const auto& conv : {narrow_, widen_}) conv->parameters().front().mul_(std::sqrt(3.0));
  }

 private:
  learn::Conv narrow_;
  torch::nn::BatchNorm2d narrow_norm_;
  learn::Conv widen_;
  torch::nn::BatchNorm2d widen_norm_;
  learn::Pointwise attention_{nullptr};
  std::int64_t height_, width_;
};

// [l, side]: means over the l bins of adaptive average pooling, whose own gradient is not deterministic on CUDA.
torch::Tensor reviewkd_bins(std::int64_t l, std::int64_t side, const torch::TensorOptions& options) {
  auto bins = torch::zeros({l, side}, torch::kFloat64);
  for (std::int64_t i = 0; i < l; ++i) {
    const auto begin = i * side / l, end = ((i + 1) * side + l - 1) / l;
    bins[i].narrow(0, begin, end - begin).fill_(1.0 / static_cast<double>(end - begin));
  }
  return bins.to(options);
}

torch::Tensor reviewkd_level_loss(const torch::Tensor& student, const torch::Tensor& teacher) {  // R2
  const auto difference = student - teacher;                                                     // averaging is linear
  const auto height = difference.size(2), width = difference.size(3);
  auto loss = difference.square().mean();
  double weight = 1, weights = 1;
  for (const std::int64_t l : {4, 2, 1}) {
    if (l >= height) continue;
    const auto down = reviewkd_bins(l, height, difference.options()),
               across = reviewkd_bins(l, width, difference.options());
    weight /= 2;
    weights += weight;
    loss = loss + weight * torch::matmul(down, torch::matmul(difference, across.t())).square().mean();
  }
  return loss / weights;
}

double reviewkd_ramp(std::int64_t epoch, std::int64_t ramp) {  // R3
  return epoch >= ramp ? 1 : static_cast<double>(epoch) / static_cast<double>(ramp);
}

class ReviewKd final : public Method {
 public:
  explicit ReviewKd(StrictObject& card)
      : levels_(card.integer("levels")), mid_(card.integer("mid")), ramp_(card.integer("ramp")), w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    const auto student = view.student();
    const auto from = view.student_sizes();
    const auto& to = view.teacher().sizes();
    std::vector<std::shared_ptr<ReviewFusion>> fusions{std::make_shared<ReviewFusion>(from.f[0], mid_, to.f, false)};
    if (levels_ == 2) fusions.push_back(std::make_shared<ReviewFusion>(from.t1[0], mid_, to.t1, true));
    auto stream = view.stream("method");
    for (auto& fusion : fusions) fusion->initialise(stream);
    return train(view,
                 {.student = student,
                  .along = {fusions.begin(), fusions.end()},
                  .maps = true,
                  .loss = [fusions, ramp = ramp_, w = w_](const Batch& batch, const Taps& net, const Taps& teacher) {
                    auto fused = fusions[0]->forward(net.f, {});
                    auto review = reviewkd_level_loss(fused.out, teacher.f);
                    if (fusions.size() == 2) {
                      fused = fusions[1]->forward(net.t1, fused.mid);
                      review = review + reviewkd_level_loss(fused.out, teacher.t1);
                    }
                    return Losses{bce(net.z, batch.y), w * reviewkd_ramp(batch.epoch, ramp) * review};
                  }});
  }

 private:
  std::int64_t levels_, mid_, ramp_;
  double w_;
};

const Register<ReviewKd> reviewkd_registered{"reviewkd"};

}  // namespace assay::multi_label_kd
