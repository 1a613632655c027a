// LfOSA: active learning for open-set annotation (Ning, Zhao, Li and Huang, CVPR 2022), by its released code.
//
// R1  A detector with K + 1 outputs is trained on all answers, "unknown" being label K, by cross entropy of the
//     logits divided by T, for known and unknown alike. The target classifier is the plain one.
// R2  Of each unlabelled image: its largest activation, a logit of the detector without T, over all K + 1 outputs.
// R3  Within each predicted class c < K with at least two members, a mixture of two normals is fitted to the
//     activations; score = posterior of the component with the larger mean. Predicted unknown, or alone in its class:
//     0.
// R4  The b best of all classes. Ties (ours; many posteriors are exactly 0 or 1): predicted known first, then the
//     larger activation, the smaller probability of "unknown", the smaller id.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "learn/normal_mixture.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/two_stage.hpp"

namespace assay::open_set_al {

torch::Tensor lfosa_loss(const torch::Tensor& logits, const torch::Tensor& y, double t) {  // R1
  return torch::nn::functional::cross_entropy(logits / t, y);
}

struct LfosaActivation {
  std::vector<std::int64_t> predicted;   // 0 .. K
  std::vector<double> largest, unknown;  // its logit; probability of label K
};

LfosaActivation lfosa_activation(const torch::Tensor& logits) {  // R2
  const auto v = logits.to(torch::kFloat64);
  const auto [largest, predicted] = v.max(1);
  const auto classes = predicted.contiguous();
  return {{classes.const_data_ptr<std::int64_t>(), classes.const_data_ptr<std::int64_t>() + classes.numel()},
          values_of(largest),
          values_of(v.softmax(1).select(1, v.size(1) - 1))};
}

std::vector<double> lfosa_scores(const LfosaActivation& activation, std::int64_t known_classes) {  // R3
  std::vector<double> score(activation.predicted.size(), 0);
  for (std::int64_t c = 0; c < known_classes; ++c) {
    std::vector<std::size_t> members;
    std::vector<double> values;
    for (std::size_t i = 0; i < score.size(); ++i) {
      if (activation.predicted[i] != c) continue;
      members.push_back(i);
      values.push_back(activation.largest[i]);
    }
    if (members.size() < 2) continue;
    const auto mixture = learn::fit_normal_mixture(values, 2);
    const auto& posterior = mixture.posterior[mixture.highest()];
    for (std::size_t j = 0; j < members.size(); ++j) score[members[j]] = posterior[j];
  }
  return score;
}

std::vector<std::int64_t> lfosa_order(const LfosaActivation& activation, const std::vector<double>& score,
                                      std::int64_t known_classes) {  // R4
  if (std::any_of(score.begin(), score.end(), [](double s) { return std::isnan(s); })) {
    throw NonFinite("a posterior of the activations");
  }
  std::vector<std::int64_t> order(score.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto rank = [&](std::int64_t position) {
    const auto i = static_cast<std::size_t>(position);
    return std::tuple(-score[i], activation.predicted[i] == known_classes, -activation.largest[i],
                      activation.unknown[i], position);
  };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  return order;
}

class LfOSA final : public PoolMethod {
 public:
  explicit LfOSA(StrictObject& card) : t_(card.real("t")) {}

  Ids select(const RoundView& view) override {
    const auto detector = train_detector(view, [t = t_](const learn::HeadedOutput& output, const learn::Batch& batch,
                                                        double) { return lfosa_loss(output.logits[0], batch.y, t); });
    const auto activation = lfosa_activation(view.ground->outputs(*detector, view.unlabelled).logits[0]);
    auto order = lfosa_order(activation, lfosa_scores(activation, view.known_classes), view.known_classes);
    order.resize(std::min(order.size(), static_cast<std::size_t>(view.budget)));
    return ids_at(view.unlabelled, order);
  }

 private:
  double t_;
};

const Register<LfOSA> lfosa_registered{"lfosa"};

}  // namespace assay::open_set_al
