// U-Net (Ronneberger, Fischer and Brox, MICCAI 2015), with three optimisers.
//
// R1  The network is learn/segmentation.hpp's: one convolution a block, bilinear upsampling, concatenated skips.
// R2  Loss: mean BCE.
// R3  optimiser = adam: the common recipe. sam: Adam at w along the gradient at w + rho g / |g| (Foret et al., ICLR
//     2021, Eq. 2). bsam: along c + (a - r d) of Bilateral SAM (Deng et al., 2024). Both are learn/sharpness.hpp's.
// R4  sam with rho = 0 and bsam with both radii 0 are adam.
#include "crack-detection/protocol.hpp"
#include "learn/sharpness.hpp"

namespace assay::cracks {

class Unet final : public Method {
 public:
  explicit Unet(StrictObject& card)
      : optimiser_(card.choice("optimiser", {"adam", "sam", "bsam"})),
        rho_(card.real("rho")),
        rho_max_(card.real("rho_max")),
        rho_min_(card.real("rho_min")) {}

  Predictor fit(const View& view) override {
    return train(view, {.network = network_of(view, learn::UNet(view.widths)),
                        .loss = [](const Maps& maps, const Batch& batch) { return mean_bce(maps.back(), batch.y); },
                        .rule = rule()});
  }

 private:
  learn::MakeRule rule() const {  // R3
    if (optimiser_ == "sam") return learn::sam_rule(rho_);
    if (optimiser_ == "bsam") return learn::bsam_rule({.rho_max = rho_max_, .rho_min = rho_min_});
    return learn::plain_rule();
  }

  std::string optimiser_;
  double rho_, rho_max_, rho_min_;
};

const Register<Unet> unet_registered{"unet"};

}  // namespace assay::cracks
