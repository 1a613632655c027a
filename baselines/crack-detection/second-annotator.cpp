// The ceiling: what a second careful annotator would score. Sees the truth of the test pictures.
//
// R1  D = signed distance to the true mask: to the nearest crack pixel outside, minus that to the nearest other pixel
//     inside.
// R2  noise_1..3: values uniform in [-1, 1] on a lattice of 8 pixels, bilinear between them, from stream "method" of
//     the picture's number.
// R3  The annotator's mask = [D(place + displacement (noise_1, noise_2)) + width noise_3 <= 0], D bilinear. Both noises
//     have mean zero: nothing drifts, no crack grows thicker on average.
// R4  The displacement is calibrated so that mask and truth agree on the pavement's test set by IoU 0.68, as two
//     annotations of the one photograph do that DeepCrack 537 holds twice (test 11216 = training 11158).
// R5  Training pictures: nothing. displacement = width = 0 is the truth.
#include "crack-detection/protocol.hpp"
#include "vision/distance.hpp"

namespace assay::cracks {

torch::Tensor second_annotator_distance(const torch::Tensor& mask) {  // R1; bool [height, width] to float
  const auto to_nearest = [](const torch::Tensor& set) {
    const auto bytes = set.to(torch::kUInt8).contiguous();
    vision::Mask grid(set.size(0), set.size(1));
    std::copy_n(bytes.const_data_ptr<std::uint8_t>(), grid.size(), grid.values.begin());
    const auto squared = vision::squared_distance(grid);
    auto distance = torch::empty(set.sizes(), torch::kFloat32);
    std::transform(squared.values.begin(), squared.values.end(), distance.data_ptr<float>(),
                   [](std::int64_t d) { return static_cast<float>(std::sqrt(static_cast<double>(d))); });
    return distance;
  };
  return to_nearest(mask) - to_nearest(mask.logical_not());
}

torch::Tensor second_annotator_noise(std::int64_t height, std::int64_t width,
                                     Stream& stream) {  // R2: [3, height, width]
  constexpr std::int64_t kCell = 8;
  const auto rows = (height - 1) / kCell + 2, columns = (width - 1) / kCell + 2;
  auto lattice = torch::empty({1, 3, rows, columns});
  auto* value = lattice.data_ptr<float>();
  for (std::int64_t i = 0; i < lattice.numel(); ++i) value[i] = static_cast<float>(2 * stream.uniform() - 1);
  const std::vector<std::int64_t> size{(rows - 1) * kCell + 1, (columns - 1) * kCell + 1};
  const auto fine = torch::upsample_bilinear2d(lattice, size, /*align_corners=*/true)[0];
  return fine.narrow(1, 0, height).narrow(2, 0, width);
}

// truth: float [height, width], 1 crack. What an annotator draws instead, 0 or 1.
torch::Tensor second_annotator_mask(const torch::Tensor& truth, double displacement, double width, Stream stream) {
  const auto h = truth.size(0), w = truth.size(1);
  const auto mask = truth.eq(1);
  if (!mask.any().item<bool>()) return torch::zeros_like(truth);
  const auto distance = second_annotator_distance(mask);
  const auto noise = second_annotator_noise(h, w, stream);
  const auto x = torch::arange(w, torch::kFloat32).view({1, w}) + displacement * noise[0];
  const auto y = torch::arange(h, torch::kFloat32).view({h, 1}) + displacement * noise[1];
  // grid_sampler's places run from -1 at the first pixel's centre to 1 at the last one's.
  const auto places =
      torch::stack({2 * x / std::max<std::int64_t>(w - 1, 1) - 1, 2 * y / std::max<std::int64_t>(h - 1, 1) - 1}, 2);
  constexpr std::int64_t kBilinear = 0, kBorder = 1;
  const auto sampled = torch::grid_sampler(distance.view({1, 1, h, w}), places.unsqueeze(0), kBilinear, kBorder,
                                           /*align_corners=*/true)[0][0];
  return (sampled + width * noise[2]).le(0).to(torch::kFloat32);  // R3
}

class SecondAnnotator final : public Method {
 public:
  explicit SecondAnnotator(StrictObject& card) : displacement_(card.real("displacement")), width_(card.real("width")) {}

  Predictor fit(const View& view) override {
    // By value: the predictor outlives this call, the view may not.
    const Predictor predictor = [view, displacement = displacement_, width = width_](const Picture& picture) {
      if (!picture.test) return torch::zeros_like(picture.grey);  // R5
      return second_annotator_mask(view.privileged.test_mask(picture), displacement, width,
                                   view.stream("method", picture.index));
    };
    view.record->checkpoint(1, 1, predictor, std::nan(""));
    return predictor;
  }

 private:
  double displacement_, width_;
};

const Register<SecondAnnotator> second_annotator_registered{"second-annotator"};

}  // namespace assay::cracks
