// DeepCrack (Liu, Yao, Lu, Xie and Li, Neurocomputing 2019).
//
// R1  HED's network, with batch norm after every convolution (learn/segmentation.hpp).
// R2  Loss: sides weighted 1 in the middle and 1/4 less per step towards either end (0.5, 0.75, 1, 0.75, 0.5 for five),
//     fusion 1.
// R3  loss = focal: gamma = 2, alpha = 1 for both classes, mean (the code). loss = bce: mean BCE.
// R4  refine: the answer is the guided filter (He, Sun and Tang, TPAMI 2013) of [fusion >= threshold], guided by the
//     first side output: q = mean(a) I + mean(b), a = cov(I, q0) / (var(I) + eps), b = mean(q0) - a mean(I), means over
//     a box of radius 5, eps = 0.065 on the 8-bit scale. Training is the same with and without.
// R5  The threshold is the T_k = (k + 0.5) / 51 of the best exact F, pooled over the first 100 training pictures; ties
//     go to the highest. (The repository's 0.31 is the best one of the test pictures.)
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

std::vector<double> deepcrack_liu_weights(std::size_t stages) {  // R2; the fusion's comes last
  std::vector<double> weights;
  for (std::size_t k = 0; k < stages; ++k) {
    const auto steps = std::abs(2 * static_cast<std::int64_t>(k) - static_cast<std::int64_t>(stages - 1)) / 2;
    weights.push_back(1 - 0.25 * static_cast<double>(steps));
  }
  weights.push_back(1);
  return weights;
}

// Maps [batch, 1, height, width] in [0, 1].
torch::Tensor deepcrack_liu_filtered(const torch::Tensor& guide, const torch::Tensor& input, std::int64_t radius,
                                     double eps) {
  const auto mean = [radius](const torch::Tensor& map) {  // of the pixels that the box shares with the picture
    return torch::avg_pool2d(map, 2 * radius + 1, 1, radius, /*ceil_mode=*/false, /*count_include_pad=*/false);
  };
  const auto i = guide.to(torch::kFloat64), q = input.to(torch::kFloat64);  // differences of close means
  const auto mean_i = mean(i), mean_q = mean(q);
  const auto a = (mean(i * q) - mean_i * mean_q) / (mean(i * i) - mean_i * mean_i + eps);
  const auto b = mean_q - a * mean_i;
  return (mean(a) * i + mean(b)).clamp(0, 1).to(guide.scalar_type());
}

// The threshold of R5. Probabilities and labels of each picture, [height, width].
double deepcrack_liu_threshold(const std::vector<torch::Tensor>& probabilities,
                               const std::vector<torch::Tensor>& labels) {
  constexpr std::int64_t kThresholds = 51;
  // above[k]: sum over pixels with p >= T_k, that is with k <= floor(51 p - 1/2).
  const auto above = [](const torch::Tensor& highest, const torch::Tensor& weights) {
    const auto counts = torch::bincount(highest + 1, weights, kThresholds + 1).narrow(0, 1, kThresholds);
    return counts.flip(0).cumsum(0).flip(0);
  };
  auto predicted = torch::zeros({kThresholds}, torch::kFloat64), right = predicted.clone();
  double cracks = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto known = labels[i].ne(0.5);
    const auto p = probabilities[i].to(torch::kCPU).masked_select(known), y = labels[i].masked_select(known);
    const auto highest = (kThresholds * p - 0.5).floor().to(torch::kInt64).clamp(-1, kThresholds - 1);
    predicted += above(highest, torch::ones_like(y, torch::kFloat64));
    right += above(highest, y.to(torch::kFloat64));
    cracks += y.sum().item<double>();
  }
  const auto f = 2 * right / (predicted + cracks).clamp_min(1);
  const auto best = kThresholds - 1 - f.flip(0).argmax().item<std::int64_t>();
  return (static_cast<double>(best) + 0.5) / kThresholds;
}

// The network; asked outside training it answers with the refined map alone, as a logit, since that is what is scored.
class DeepcrackLiuRefined {  // R4, R5
 public:
  DeepcrackLiuRefined(const View& view, MapNetwork plain) : view_(view), plain_(std::move(plain)) {}

  Maps maps(const torch::Tensor& x) {
    auto all = plain_.maps(x);
    if (plain_.module->is_training()) {
      stale_ = true;
      return all;
    }
    if (stale_) choose_threshold();
    const auto input = all.back().sigmoid().ge(threshold_).to(torch::kFloat32);
    return {deepcrack_liu_filtered(all.front().sigmoid(), input, kRadius, kEps).logit(1e-6)};
  }

 private:
  static constexpr std::int64_t kRadius = 5;
  static constexpr double kEps = 0.065 / (255.0 * 255.0);
  static constexpr std::size_t kPictures = 100;

  void choose_threshold() {
    std::vector<torch::Tensor> probabilities, labels;
    const auto plain = sigmoid_of_last(view_, plain_);
    for (std::size_t i = 0; i < std::min(kPictures, view_.pictures.size()); ++i) {
      probabilities.push_back(plain(view_.pictures[i]));
      labels.push_back(view_.truth[i]);
    }
    threshold_ = deepcrack_liu_threshold(probabilities, labels);
    stale_ = false;
  }

  View view_;
  MapNetwork plain_;
  double threshold_ = 0.5;
  bool stale_ = true;
};

class DeepcrackLiu final : public Method {
 public:
  explicit DeepcrackLiu(StrictObject& card)
      : focal_(card.choice("loss", {"focal", "bce"}) == "focal"),
        gamma_(card.real("gamma")),
        refine_(card.flag_or("refine", false)) {}

  Predictor fit(const View& view) override {
    const MapLoss focal = [gamma = gamma_](const torch::Tensor& z, const torch::Tensor& y) {
      return focal_loss(z, y, {.gamma = gamma});
    };
    auto network = network_of(view, learn::SideNet(view.widths, 2));
    if (refine_) {
      const auto refined = std::make_shared<DeepcrackLiuRefined>(view, network);
      network.maps = [refined](const torch::Tensor& x) { return refined->maps(x); };
    }
    return train(
        view, {.network = network,
               .loss = [loss = focal_ ? focal : MapLoss(mean_bce), weights = deepcrack_liu_weights(view.widths.size())](
                           const Maps& maps, const Batch& batch) { return supervised(maps, batch.y, loss, weights); }});
  }

 private:
  bool focal_;
  double gamma_;
  bool refine_;
};

const Register<DeepcrackLiu> deepcrack_liu_registered{"deepcrack-liu"};

}  // namespace assay::cracks
