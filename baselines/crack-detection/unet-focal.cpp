// U-Net with the focal loss (Lin, Goyal, Girshick, He and Dollar, ICCV 2017).
//
// R1  Loss: mean of 4 alpha_t (1 - p_t)^gamma BCE (Eq. 5), alpha for cracks, 1 - alpha else. The factor 4 brings it to
//     the scale of the other losses.
// R2  gamma = 0 and alpha = 1/2 is twice BCE.
// R3  The network is `unet`'s.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

class UnetFocal final : public Method {
 public:
  explicit UnetFocal(StrictObject& card) : gamma_(card.real("gamma")), alpha_(card.real("alpha")) {}

  Predictor fit(const View& view) override {
    const Focal focal{.gamma = gamma_, .crack = alpha_, .rest = 1 - alpha_};
    return train(view, {.network = network_of(view, learn::UNet(view.widths)),
                        .loss = [focal](const Maps& maps, const Batch& batch) {
                          return 4 * focal_loss(maps.back(), batch.y, focal);  // R1
                        }});
  }

 private:
  double gamma_, alpha_;
};

const Register<UnetFocal> unet_focal_registered{"unet-focal"};

}  // namespace assay::cracks
