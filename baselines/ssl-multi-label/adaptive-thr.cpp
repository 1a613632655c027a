// Self-adaptive thresholds (FreeMatch: Wang et al., ICLR 2023), carried over to several labels. Reconstructed: CAP
// compares with a "modified" FreeMatch and does not say how it was modified.
//
// R1  Once per epoch, with momentum m; the first epoch sets the values: tau <- m tau + (1 - m) mean over all pairs of
//     max(q, 1 - q); p_k <- m p_k + (1 - m) mean of q_jk over the images with q_jk >= 0.5; where there is none p_k
//     stays (at first 0.5).
// R2  t_k = tau p_k / max_k p_k.
// R3  yhat_jk = [q_jk >= t_k]. Used are these, and of the others those with 1 - q_jk >= tau.
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

struct Confidence {
  double tau = 0;
  torch::Tensor p;  // [classes]; undefined before the first epoch
};

Confidence adaptive_confidence(const torch::Tensor& q, const Confidence& before, double momentum) {  // R1
  const double sure = torch::maximum(q, 1 - q).mean(torch::kFloat64).item<double>();
  const auto given = q.ge(0.5);
  const auto count = given.sum(0);
  const auto mean = (q * given).sum(0) / count.clamp_min(1);
  if (!before.p.defined()) return {sure, torch::where(count.gt(0), mean, torch::full_like(mean, 0.5))};
  const auto moved = momentum * before.p + (1 - momentum) * mean;
  return {momentum * before.tau + (1 - momentum) * sure, torch::where(count.gt(0), moved, before.p)};
}

torch::Tensor adaptive_thresholds(const Confidence& now) { return now.tau * now.p / now.p.max(); }  // R2

PseudoLabels adaptive_labels(const torch::Tensor& q, const Confidence& now) {  // R3
  const auto yes = q.ge(adaptive_thresholds(now));
  const auto used = yes.logical_or((1 - q).ge(now.tau));
  return {yes.to(torch::kFloat32), used.to(torch::kFloat32)};
}

class Adaptive final : public Method {
 public:
  explicit Adaptive(StrictObject& card) : momentum_(card.real("m")) {}

  void fit(const View& view) override {
    train(view, [confidence = Confidence(), m = momentum_](const Beliefs& beliefs) mutable {
      confidence = adaptive_confidence(beliefs.unlabelled, confidence, m);
      return adaptive_labels(beliefs.unlabelled, confidence);
    });
  }

 private:
  double momentum_;
};

const Register<Adaptive> adaptive_registered{"adaptive-thr"};

}  // namespace assay::ssl_multi_label
