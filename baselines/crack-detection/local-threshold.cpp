// Local thresholding (Niblack, An Introduction to Digital Image Processing, 1986): darker than its surroundings is
// crack.
//
// R1  f = the picture blurred by a Gaussian of `sigma`; m and s = mean and deviation of f over a box of `box` pixels,
//     the picture mirrored at its edges.
// R2  p = sigmoid(2 ((m - f) / max(s, 1e-3) - k)): one half where f lies k deviations below the mean.
#include "crack-detection/protocol.hpp"

namespace assay::cracks {

torch::Tensor local_threshold_blurred(const torch::Tensor& image, const torch::Tensor& kernel) {  // both ways
  const auto size = kernel.numel(), margin = size / 2;
  const auto padded = torch::replication_pad2d(image, {margin, margin, margin, margin});
  return torch::conv2d(torch::conv2d(padded, kernel.view({1, 1, 1, size})), kernel.view({1, 1, size, 1}));
}

// grey: float [height, width] in [0, 1].
torch::Tensor local_threshold_map(const torch::Tensor& grey, double sigma, std::int64_t box, double k) {
  const auto image = grey.to(torch::kFloat64).unsqueeze(0).unsqueeze(0);  // E f^2 - (E f)^2 loses digits
  const auto reach = static_cast<std::int64_t>(std::ceil(4 * sigma));
  const auto at = torch::arange(-reach, reach + 1, torch::kFloat64);
  const auto bell = (-(at * at) / (2 * sigma * sigma)).exp();
  const auto f = local_threshold_blurred(image, bell / bell.sum());
  // Mirrored with the edge pixel repeated, also where the box is wider than the picture.
  const auto mirrored = [margin = box / 2](const torch::Tensor& map, std::int64_t axis) {
    const auto size = map.size(axis);
    const auto place = torch::arange(-margin, size + margin, torch::kInt64).remainder(2 * size);
    return map.index_select(axis, torch::minimum(place, 2 * size - 1 - place));
  };
  const auto around = mirrored(mirrored(f, 2), 3);
  const auto mean = torch::avg_pool2d(around, box, 1);
  const auto s = (torch::avg_pool2d(around.square(), box, 1) - mean.square()).clamp_min(0).sqrt();
  return (2 * ((mean - f) / s.clamp_min(1e-3) - k)).sigmoid().to(torch::kFloat32)[0][0];  // R2
}

class LocalThreshold final : public Method {
 public:
  explicit LocalThreshold(StrictObject& card)
      : sigma_(card.real("sigma")), box_(card.integer("box")), k_(card.real("k")) {
    if (box_ % 2 == 0) card.wrong("box", "an odd number", std::to_string(box_));
  }

  Predictor fit(const View& view) override {
    const Predictor predictor = [sigma = sigma_, box = box_, k = k_](const Picture& picture) {
      return local_threshold_map(picture.grey, sigma, box, k);
    };
    view.record->checkpoint(1, 1, predictor, std::nan(""));
    return predictor;
  }

 private:
  double sigma_;
  std::int64_t box_;
  double k_;
};

const Register<LocalThreshold> local_threshold_registered{"local-threshold"};

}  // namespace assay::cracks
