// Richer convolutional features (Liu, Cheng, Hu, Wang and Bai, CVPR 2017; TPAMI 2019).
//
// R1  As HED, but every convolution of a stage goes through its own 1x1 convolution to `channels`; these are summed,
//     and a 1x1 convolution makes the side output.
// R2  No stride above 8: a deeper stage is pooled with stride 1 and its convolutions are dilated (pool4 and stage 5).
// R3  Loss: the sum over all sides and the fusion. balance = none: mean BCE; rcf: positives weigh |Y-|/|Y|, negatives
//     lambda |Y+|/|Y|; ignored pixels (annotators disagree) carry no loss and are not counted; summed over pixels, mean
//     over the batch (Eq. 1 and 2).
// R4  With one convolution a stage and 1x1 maps that hand channels through, it is HED.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

class RcfNetImpl : public torch::nn::Module {
 public:
  RcfNetImpl(const std::vector<std::int64_t>& widths, std::int64_t convs, std::int64_t channels)
      : stages_(register_module("stages", learn::Stages(widths, convs, kCoarsest))),
        fusion_(register_module("fusion", learn::Fusion(static_cast<std::int64_t>(widths.size())))) {
    for (std::size_t k = 0; k < widths.size(); ++k) {
      const auto number = std::to_string(k + 1);
      taps_.emplace_back();
      for (std::int64_t i = 0; i < convs; ++i) {
        const auto name = "tap" + number + "_" + std::to_string(i + 1);
        taps_.back().push_back(register_module(name, learn::Pointwise(widths[k], channels)));
      }
      sides_.push_back(register_module("side" + number, learn::Pointwise(channels, 1, learn::kRareLogit)));
    }
  }

  Maps forward(const torch::Tensor& x) {
    const auto stages = stages_(x);
    Maps maps;
    for (std::size_t k = 0; k < stages.size(); ++k) {
      torch::Tensor sum;
      for (std::size_t i = 0; i < stages[k].size(); ++i) {
        const auto tap = taps_[k][i](stages[k][i]);
        sum = sum.defined() ? sum + tap : tap;  // R1
      }
      maps.push_back(learn::up(sides_[k](sum), x));
    }
    maps.push_back(fusion_(maps));
    return maps;
  }

 private:
  static constexpr std::int64_t kCoarsest = 8;  // R2

  learn::Stages stages_;
  std::vector<std::vector<learn::Pointwise>> taps_;
  std::vector<learn::Pointwise> sides_;
  learn::Fusion fusion_;
};
TORCH_MODULE(RcfNet);

MapNetwork rcf_network(const View& view, std::int64_t convs, std::int64_t channels) {
  return network_of(view, RcfNet(view.widths, convs, channels));
}

class Rcf final : public Method {
 public:
  explicit Rcf(StrictObject& card)
      : balanced_(card.choice("balance", {"none", "rcf"}) == "rcf"),
        lambda_(card.real("lambda")),
        channels_(card.integer("channels")) {}

  Predictor fit(const View& view) override {
    const MapLoss balanced = [lambda = lambda_](const torch::Tensor& z, const torch::Tensor& y) {
      return balanced_bce(z, y, lambda);
    };
    return train(view, {.network = rcf_network(view, 2, channels_),
                        .loss = [loss = balanced_ ? balanced : MapLoss(mean_bce)](
                                    const Maps& maps, const Batch& batch) { return supervised(maps, batch.y, loss); }});
  }

 private:
  bool balanced_;
  double lambda_;
  std::int64_t channels_;
};

const Register<Rcf> rcf_registered{"rcf"};

}  // namespace assay::cracks
