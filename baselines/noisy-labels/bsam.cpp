// Bilateral Sharpness-Aware Minimization (Deng, Pang, Zhang and Huang, 2024): the objective
// L(w) + max_{|e| <= rho_max} L(w + e) - min_{|e| <= rho_min} L(w + e).
//
// R1  a = g(w), u = a / |a|; c = g(w + rho_max u); d = g(w - rho_min u), displaced from w.
// R2  rho_min shrinks with the learning rate: rho_min(k) = rho_min eta_k / eta_0. rho_max is constant.
// R3  SGD along c + (a - r d), in this order of evaluation. r = |c| / |d| (rescale = norm, the released code; 1 where
//     |d| vanishes) or 1 (rescale = none, the plain objective).
// R4  release_alias repeats a fault of the release: its restore is undone by aliasing, so SGD starts from w - rho_min u.
// R5  Both radii 0 is cross-entropy: c = d = a, r = 1, a + (a - a) = a.
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

struct BsamSettings {
  double rho_max = 0, rho_min = 0;
  bool rescale = true, release_alias = false;
};

class BsamRule final : public learn::UpdateRule {
 public:
  BsamRule(torch::nn::Module& module, const learn::Recipe& recipe, BsamSettings settings)
      : UpdateRule(module, recipe), settings_(settings) {}

 private:
  void update(const Batch& batch, const learn::Progress& progress) override {
    const double rho_min = settings_.rho_min * progress.learning_rate / base_learning_rate();  // R2
    const auto a = gradient(batch);
    const auto u = learn::unit(a.flat);
    displace(settings_.rho_max * u);
    const auto c = gradient(batch);
    displace(-rho_min * u);
    const auto d = gradient(batch);
    const auto direction = c.flat + (a.flat - ratio(c.flat, d.flat) * d.flat);  // R3
    apply(c, direction, settings_.release_alias ? -rho_min * u : torch::Tensor());
  }

  double ratio(const torch::Tensor& c, const torch::Tensor& d) const {
    constexpr double kTiny = 1e-12;
    const double length = d.norm().item<double>();
    return settings_.rescale && length >= kTiny ? c.norm().item<double>() / length : 1;
  }

  BsamSettings settings_;
};

learn::MakeRule bsam_rule(BsamSettings settings) {
  return [settings](torch::nn::Module& module, const learn::Recipe& recipe) {
    return std::make_unique<BsamRule>(module, recipe, settings);
  };
}

class Bsam final : public Method {
 public:
  explicit Bsam(StrictObject& card) {
    settings_.rho_max = card.real("rho_max");
    settings_.rho_min = card.real("rho_min");
    settings_.rescale = card.choice("rescale", {"norm", "none"}) == "norm";
    settings_.release_alias = card.flag_or("release_alias", false);
  }

  Fit fit(const View& view) override {
    train(view, {.loss = cross_entropy, .rule = bsam_rule(settings_)});
    return {};
  }

 private:
  BsamSettings settings_;
};

const Register<Bsam> bsam_registered{"bsam"};

}  // namespace assay::noisy_labels
