// OpenMax (Bendale and Boult, CVPR 2016), with the distances and the fit of the authors' code OSDN.
//
// R1  Activations v are C_t's logits. mu_c: mean v over the labelled of class c that C_t gets right, n_c in number.
// R2  d(v, c) = |v - mu_c| / scale + 1 - cos(v, mu_c) ("eucos").
// R3  A Weibull distribution is fitted to the min(tail, n_c - 1) largest distances of these n_c examples; w_c is its
//     distribution function at d(v, c). A class with n_c < 2 has w_c = 0.
// R4  omega_c = w_c (alpha + 1 - i) / alpha for the class of rank i <= alpha by logit, else 0 (Algorithm 2); alpha is
//     at most K. v^_c = v_c (1 - omega_c), v^_0 = sum_c v_c omega_c, P = softmax(v^_0, v^_1, .., v^_K).
//     As published, a negative logit grows by this.
// R5  Score max_{c >= 1} P_c: the surest to show a known class are queried.
#include <algorithm>

#include "learn/ranking.hpp"
#include "learn/weibull.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

torch::Tensor openmax_distances(const torch::Tensor& v, const torch::Tensor& centre, double scale) {  // R2
  const auto lengths = v.norm(2, 1) * centre.norm();
  const auto cosine = torch::where(lengths > 0, v.mv(centre) / lengths, torch::zeros_like(lengths));
  return (v - centre).norm(2, 1) / scale + (1 - cosine).clamp_min(0);  // rounding can take a cosine above 1
}

torch::Tensor openmax_unknown_weights(const torch::Tensor& v, const torch::Tensor& labelled,
                                      const torch::Tensor& labels, std::size_t tail,
                                      double scale) {  // R1, R3: w [n, K]
  const auto right = labelled.argmax(1).eq(labels);
  auto w = torch::zeros_like(v);
  for (std::int64_t c = 0; c < v.size(1); ++c) {
    const auto examples = labelled.index_select(0, (right & labels.eq(c)).nonzero().squeeze(1));
    if (examples.size(0) < 2) continue;
    const auto centre = examples.mean(0);
    const auto largest = std::min(tail, static_cast<std::size_t>(examples.size(0)) - 1);
    const auto fit = learn::fit_weibull_tail(values_of(openmax_distances(examples, centre, scale)), largest);
    auto distances = values_of(openmax_distances(v, centre, scale));
    for (auto& d : distances) d = fit.cdf(d);
    w.select(1, c).copy_(torch::tensor(distances, torch::kFloat64));
  }
  return w;
}

torch::Tensor openmax_probabilities(const torch::Tensor& v, const torch::Tensor& w,
                                    std::int64_t alpha) {  // R4: [n, 1+K]
  const auto rows = v.contiguous();
  const auto classes = v.size(1), ranks = std::min(alpha, classes);
  auto weight = torch::zeros_like(rows);
  const auto* logits = rows.const_data_ptr<double>();
  auto* weights = weight.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < v.size(0); ++i, logits += classes, weights += classes) {
    double rank = 0;
    for (const auto c : learn::top({logits, static_cast<std::size_t>(classes)}, static_cast<std::size_t>(ranks))) {
      weights[c] = 1 - rank++ / static_cast<double>(ranks);
    }
  }
  const auto omega = w * weight;
  return torch::cat({(v * omega).sum(1, /*keepdim=*/true), v * (1 - omega)}, 1).softmax(1);
}

class OpenMax final : public PoolMethod {
 public:
  explicit OpenMax(StrictObject& card)
      : tail_(static_cast<std::size_t>(card.integer("tail"))),
        alpha_(card.integer("alpha")),
        scale_(card.real("scale")) {}

  Ids select(const RoundView& view) override {
    const auto v = view.target_outputs(view.unlabelled).logits[0].to(torch::kFloat64);
    const auto labelled = view.target_outputs(view.known.ids).logits[0].to(torch::kFloat64);
    const auto w = openmax_unknown_weights(v, labelled, rows_of(view.known.labels), tail_, scale_);
    const auto p = openmax_probabilities(v, w, alpha_);
    return best_of(view, values_of(p.narrow(1, 1, v.size(1)).amax(1)));  // R5
  }

 private:
  std::size_t tail_;
  std::int64_t alpha_;
  double scale_;
};

const Register<OpenMax> openmax_registered{"openmax"};

}  // namespace assay::open_set_al
