// U-Net with the Dice loss (Milletari, Navab and Ahmadi, 3DV 2016).
//
// R1  Loss: mean over images of 1 - (2 sum p y + 1) / (sum p + sum y + 1), plus mean BCE.
// R2  The network is `unet`'s.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

class UnetDice final : public Method {
 public:
  explicit UnetDice(StrictObject&) {}

  Predictor fit(const View& view) override {
    return train(
        view, {.network = network_of(view, learn::UNet(view.widths)), .loss = [](const Maps& maps, const Batch& batch) {
                 return dice_loss(maps.back(), batch.y) + mean_bce(maps.back(), batch.y);  // R1
               }});
  }
};

const Register<UnetDice> unet_dice_registered{"unet-dice"};

}  // namespace assay::cracks
