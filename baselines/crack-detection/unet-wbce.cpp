// U-Net with weighted cross-entropy (the balancing of HED, Xie and Tu, ICCV 2015, with the counts of the batch).
//
// R1  f = share of crack among the batch's pixels. Positives weigh 2 (1 - f), negatives 2 f; mean over pixels.
// R2  The network is `unet`'s.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

torch::Tensor unet_wbce_loss(const torch::Tensor& logits, const torch::Tensor& labels) {  // R1
  const auto counted = judged(labels);
  const auto f = mean_over(labels, counted);
  const auto weights = 2 * (labels * (1 - f) + (1 - labels) * f);
  return mean_over(weights * pixel_bce(logits, labels), counted);
}

class UnetWbce final : public Method {
 public:
  explicit UnetWbce(StrictObject&) {}

  Predictor fit(const View& view) override {
    return train(view,
                 {.network = network_of(view, learn::UNet(view.widths)),
                  .loss = [](const Maps& maps, const Batch& batch) { return unet_wbce_loss(maps.back(), batch.y); }});
  }
};

const Register<UnetWbce> unet_wbce_registered{"unet-wbce"};

}  // namespace assay::cracks
