// U-Net with the centre-line Dice loss (Shit, Paetzold, Sekuboyina, Ezhov, Unger, Zhylka, Pluim, Bauer and Menze, CVPR
// 2021).
//
// R1  Soft skeleton (Algorithm 1): erosion = smaller of the 3x1 and the 1x3 minimum, dilation = 3x3 maximum, open =
//     dilated erosion. S = relu(v - open(v)); `iterations` times: v = eroded v, d = relu(v - open(v)), S = S + relu(d -
//     S d).
// R2  T_p = (sum S(p) y + 1) / (sum S(p) + 1), T_s = (sum S(y) p + 1) / (sum S(y) + 1); 1 - 2 T_p T_s / (T_p + T_s),
//     per image, then mean.
// R3  Loss: (1 - alpha) Dice + alpha R2 (Eq. 3) + mean BCE.
// R4  The network is `unet`'s. Ignored pixels are background in both maps.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

torch::Tensor unet_cldice_skeleton(torch::Tensor v, std::int64_t iterations) {  // R1
  const auto eroded = [](const torch::Tensor& map) {
    const auto across = -torch::max_pool2d(-map, {1, 3}, 1, {0, 1}), down = -torch::max_pool2d(-map, {3, 1}, 1, {1, 0});
    return torch::minimum(across, down);
  };
  const auto ridge = [&](const torch::Tensor& map) { return (map - torch::max_pool2d(eroded(map), 3, 1, 1)).relu(); };
  auto skeleton = ridge(v);
  for (std::int64_t i = 0; i < iterations; ++i) {
    v = eroded(v);
    const auto delta = ridge(v);
    skeleton = skeleton + (delta - skeleton * delta).relu();
  }
  return skeleton;
}

torch::Tensor unet_cldice_term(const torch::Tensor& logits, const torch::Tensor& labels, std::int64_t iterations) {
  const auto counted = judged(labels);
  const auto p = logits.sigmoid() * counted, y = labels * counted;  // R4
  const auto skeleton_p = unet_cldice_skeleton(p, iterations), skeleton_y = unet_cldice_skeleton(y, iterations);
  const auto share = [](const torch::Tensor& of, const torch::Tensor& in) {
    return ((of * in).sum({1, 2, 3}) + 1) / (of.sum({1, 2, 3}) + 1);
  };
  const auto t_p = share(skeleton_p, y), t_s = share(skeleton_y, p);
  return (1 - 2 * t_p * t_s / (t_p + t_s)).mean();  // R2
}

class UnetCldice final : public Method {
 public:
  explicit UnetCldice(StrictObject& card) : iterations_(card.integer("iterations")), alpha_(card.real("alpha")) {}

  Predictor fit(const View& view) override {
    return train(view, {.network = network_of(view, learn::UNet(view.widths)),
                        .loss = [iterations = iterations_, alpha = alpha_](const Maps& maps, const Batch& batch) {
                          const auto& z = maps.back();
                          return (1 - alpha) * dice_loss(z, batch.y) +
                                 alpha * unet_cldice_term(z, batch.y, iterations) + mean_bce(z, batch.y);  // R3
                        }});
  }

 private:
  std::int64_t iterations_;
  double alpha_;
};

const Register<UnetCldice> unet_cldice_registered{"unet-cldice"};

}  // namespace assay::cracks
