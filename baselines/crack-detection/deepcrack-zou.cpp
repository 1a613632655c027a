// DeepCrack (Zou, Zhang, Li, Qi, Wang and Wang, IEEE TIP 2019).
//
// R1  SegNet's trunk. At each scale the last encoder map before pooling and the decoder map are concatenated, reduced
//     to one logit by a 1x1 convolution and upsampled (Fig. 3); the K maps are fused by a 1x1 convolution that starts
//     at 1/K.
// R2  Loss: sum of the mean BCE of all K maps and the fusion, unweighted (Eq. 5). K equal maps and their fusion cost (K
//     + 1) times BCE.
// R3  label_shift moves the training labels down and right by that many pixels: the sloppy annotator of Table III.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

class DeepcrackZouNetImpl : public torch::nn::Module {  // R1
 public:
  explicit DeepcrackZouNetImpl(const std::vector<std::int64_t>& widths)
      : trunk_(register_module("trunk", learn::SegTrunk(widths))),
        fusion_(register_module("fusion", learn::Fusion(static_cast<std::int64_t>(widths.size())))) {
    for (std::size_t k = 0; k < widths.size(); ++k) {
      const auto channels = widths[k] + learn::SegTrunkImpl::decoder_width(widths, k);
      scales_.push_back(
          register_module("scale" + std::to_string(k + 1), learn::Pointwise(channels, 1, learn::kRareLogit)));
    }
  }

  Maps forward(const torch::Tensor& x) {
    const auto trunk = trunk_(x);
    Maps maps;
    for (std::size_t k = 0; k < scales_.size(); ++k) {
      maps.push_back(learn::up(scales_[k](torch::cat({trunk.encoder[k], trunk.decoder[k]}, 1)), x));
    }
    maps.push_back(fusion_(maps));
    return maps;
  }

 private:
  learn::SegTrunk trunk_;
  std::vector<learn::Pointwise> scales_;
  learn::Fusion fusion_;
};
TORCH_MODULE(DeepcrackZouNet);

MapNetwork deepcrack_zou_network(const View& view) { return network_of(view, DeepcrackZouNet(view.widths)); }

torch::Tensor deepcrack_zou_shifted(const torch::Tensor& truth, std::int64_t by) {  // R3; [height, width]
  if (by == 0) return truth;
  return torch::constant_pad_nd(truth, {by, 0, by, 0}).narrow(0, 0, truth.size(0)).narrow(1, 0, truth.size(1));
}

class DeepcrackZou final : public Method {
 public:
  explicit DeepcrackZou(StrictObject& card) : label_shift_(card.integer("label_shift")) {}

  Predictor fit(const View& view) override {
    auto told = view;
    for (auto& truth : told.truth) truth = deepcrack_zou_shifted(truth, label_shift_);
    return train(told, {.network = deepcrack_zou_network(view), .loss = [](const Maps& maps, const Batch& batch) {
                          return supervised(maps, batch.y, mean_bce);  // R2
                        }});
  }

 private:
  std::int64_t label_shift_;
};

const Register<DeepcrackZou> deepcrack_zou_registered{"deepcrack-zou"};

}  // namespace assay::cracks
