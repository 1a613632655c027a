// Canny's edge detector (IEEE TPAMI 1986) as a crack detector. It marks both edges of a crack and not what lies
// between.
//
// R1  Gaussian of `sigma`, Sobel with weights 1, 2, 1 and no division, non-maximum suppression in 4 directions,
//     hysteresis between `low` and `high` on images in [0, 1], 8-connected; p is 0 or 1. All of it is
//     vision/classic.hpp's.
#include "crack-detection/protocol.hpp"
#include "vision/classic.hpp"

namespace assay::cracks {

class Canny final : public Method {
 public:
  explicit Canny(StrictObject& card) : sigma_(card.real("sigma")), low_(card.real("low")), high_(card.real("high")) {}

  Predictor fit(const View& view) override {
    const Predictor predictor = [sigma = sigma_, low = low_, high = high_](const Picture& picture) {
      const auto grey = picture.grey.contiguous();
      vision::Grid<float> image(grey.size(0), grey.size(1));
      std::copy_n(grey.const_data_ptr<float>(), image.size(), image.values.begin());
      const auto edges = vision::canny(image, sigma, low, high);
      auto map = torch::empty_like(grey);
      std::copy(edges.values.begin(), edges.values.end(), map.data_ptr<float>());
      return map;
    };
    view.record->checkpoint(1, 1, predictor, std::nan(""));
    return predictor;
  }

 private:
  double sigma_, low_, high_;
};

const Register<Canny> canny_registered{"canny"};

}  // namespace assay::cracks
