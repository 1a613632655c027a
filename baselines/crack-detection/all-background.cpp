// The floor: no pixel is crack.
//
// R1  p = 0 everywhere. Nothing is predicted at any threshold, so every F is 0, and AP is the share of crack pixels.
#include "crack-detection/protocol.hpp"

namespace assay::cracks {

class AllBackground final : public Method {
 public:
  explicit AllBackground(StrictObject&) {}

  Predictor fit(const View& view) override {
    const Predictor none = [](const Picture& picture) { return torch::zeros_like(picture.grey); };
    view.record->checkpoint(1, 1, none, std::nan(""));
    return none;
  }
};

const Register<AllBackground> all_background_registered{"all-background"};

}  // namespace assay::cracks
