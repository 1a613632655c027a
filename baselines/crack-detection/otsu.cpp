// Otsu's threshold (IEEE Transactions on Systems, Man and Cybernetics 1979) of each picture's grey values.
//
// R1  Crack = grey <= t, with t the smallest threshold that maximises the between-class variance of the 256-bin
//     histogram.
#include "crack-detection/protocol.hpp"
#include "vision/classic.hpp"

namespace assay::cracks {

torch::Tensor otsu_map(const torch::Tensor& grey) {  // float [height, width] in [0, 1]
  const auto levels = (255 * grey).round().to(torch::kUInt8).contiguous();
  vision::Grey image(grey.size(0), grey.size(1));
  std::copy_n(levels.const_data_ptr<std::uint8_t>(), image.size(), image.values.begin());
  return levels.le(vision::otsu_threshold(image)).to(torch::kFloat32);  // R1
}

class Otsu final : public Method {
 public:
  explicit Otsu(StrictObject&) {}

  Predictor fit(const View& view) override {
    const Predictor predictor = [](const Picture& picture) { return otsu_map(picture.grey); };
    view.record->checkpoint(1, 1, predictor, std::nan(""));
    return predictor;
  }
};

const Register<Otsu> otsu_registered{"otsu"};

}  // namespace assay::cracks
