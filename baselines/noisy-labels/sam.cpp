// Sharpness-Aware Minimization (Foret, Kleiner, Mobahi and Neyshabur, ICLR 2021).
//
// R1  e = rho g(w) / |g(w)| over all weights (Eq. 2); no gradient goes through e.
// R2  SGD at w along g(w + e), on the same batch (Algorithm 1). Weight decay acts at w.
// R3  rho = 0 is cross-entropy.
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

class SamRule final : public learn::UpdateRule {
 public:
  SamRule(torch::nn::Module& module, const learn::Recipe& recipe, double rho) : UpdateRule(module, recipe), rho_(rho) {}

 private:
  void update(const Batch& batch, const learn::Progress&) override {
    const auto a = gradient(batch);
    displace(rho_ * learn::unit(a.flat));
    const auto c = gradient(batch);
    apply(c, c.flat);
  }

  double rho_;
};

learn::MakeRule sam_rule(double rho) {
  return [rho](torch::nn::Module& module, const learn::Recipe& recipe) {
    return std::make_unique<SamRule>(module, recipe, rho);
  };
}

class Sam final : public Method {
 public:
  explicit Sam(StrictObject& card) : rho_(card.real("rho")) {}

  Fit fit(const View& view) override {
    train(view, {.loss = cross_entropy, .rule = sam_rule(rho_)});
    return {};
  }

 private:
  double rho_;
};

const Register<Sam> sam_registered{"sam"};

}  // namespace assay::noisy_labels
