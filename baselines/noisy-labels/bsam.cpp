// Bilateral Sharpness-Aware Minimization (Deng, Pang, Zhang and Huang, 2024): the objective
// L(w) + max_{|e| <= rho_max} L(w + e) - min_{|e| <= rho_min} L(w + e).
//
// R1  a = g(w), u = a / |a|; c = g(w + rho_max u); d = g(w - rho_min u), displaced from w.
// R2  rho_min shrinks with the learning rate: rho_min(k) = rho_min eta_k / eta_0. rho_max is constant.
// R3  SGD along c + (a - r d), in this order of evaluation. r = |c| / |d| (rescale = norm, the released code; 1 where
//     |d| vanishes) or 1 (rescale = none, the plain objective).
// R4  release_alias repeats a fault of the release: its restore is undone by aliasing, so SGD starts from w - rho_min u.
// R5  Both radii 0 is cross-entropy: c = d = a, r = 1, a + (a - a) = a.
// R1 to R5 are learn/sharpness.hpp's, since other tasks train by them, too.
#include "learn/sharpness.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

class Bsam final : public Method {
 public:
  explicit Bsam(StrictObject& card) {
    settings_.rho_max = card.real("rho_max");
    settings_.rho_min = card.real("rho_min");
    settings_.rescale = card.choice("rescale", {"norm", "none"}) == "norm";
    settings_.release_alias = card.flag_or("release_alias", false);
  }

  Fit fit(const View& view) override {
    train(view, {.loss = cross_entropy, .rule = learn::bsam_rule(settings_)});
    return {};
  }

 private:
  learn::BsamSettings settings_;
};

const Register<Bsam> bsam_registered{"bsam"};

}  // namespace assay::noisy_labels
