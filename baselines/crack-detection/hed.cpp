// Holistically-nested edge detection (Xie and Tu, ICCV 2015).
//
// R1  A side output from the last convolution of each stage by a 1x1 convolution, upsampled to the picture; all are
//     fused by a 1x1 convolution that starts at 1/K (learn/segmentation.hpp).
// R2  Loss: the sum over all sides and the fusion (Eq. 4).
// R3  balance = none: mean BCE. balance = hed: per image, positives weigh |Y-|/|Y| and negatives |Y+|/|Y|, summed over
//     pixels, mean over the batch (Eq. 2).
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

MapNetwork hed_network(const View& view, std::int64_t convs) {
  return network_of(view, learn::SideNet(view.widths, convs));
}

class Hed final : public Method {
 public:
  explicit Hed(StrictObject& card) : balanced_(card.choice("balance", {"none", "hed"}) == "hed") {}

  Predictor fit(const View& view) override {
    const MapLoss balanced = [](const torch::Tensor& z, const torch::Tensor& y) { return balanced_bce(z, y, 1); };
    return train(view, {.network = hed_network(view, 2),
                        .loss = [loss = balanced_ ? balanced : MapLoss(mean_bce)](
                                    const Maps& maps, const Batch& batch) { return supervised(maps, batch.y, loss); }});
  }

 private:
  bool balanced_;
};

const Register<Hed> hed_registered{"hed"};

}  // namespace assay::cracks
