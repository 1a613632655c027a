#include "learn/sharpness.hpp"

namespace assay::learn {

namespace {

class SamRule final : public UpdateRule {
 public:
  SamRule(torch::nn::Module& module, const Recipe& recipe, double rho) : UpdateRule(module, recipe), rho_(rho) {}

 private:
  void update(const Batch& batch, const Progress&) override {
    const auto a = gradient(batch);
    displace(rho_ * unit(a.flat));
    const auto c = gradient(batch);
    apply(c, c.flat);
  }

  double rho_;
};

class BsamRule final : public UpdateRule {
 public:
  BsamRule(torch::nn::Module& module, const Recipe& recipe, BsamSettings settings)
      : UpdateRule(module, recipe), settings_(settings) {}

 private:
  void update(const Batch& batch, const Progress& progress) override {
    const double rho_min = settings_.rho_min * progress.learning_rate / base_learning_rate();
    const auto a = gradient(batch);
    const auto u = unit(a.flat);
    displace(settings_.rho_max * u);
    const auto c = gradient(batch);
    displace(-rho_min * u);
    const auto d = gradient(batch);
    const auto direction = c.flat + (a.flat - ratio(c.flat, d.flat) * d.flat);
    apply(c, direction, settings_.release_alias ? -rho_min * u : torch::Tensor());
  }

  double ratio(const torch::Tensor& c, const torch::Tensor& d) const {
    constexpr double kTiny = 1e-12;
    const double length = d.norm().item<double>();
    return settings_.rescale && length >= kTiny ? c.norm().item<double>() / length : 1;
  }

  BsamSettings settings_;
};

}  // namespace

MakeRule sam_rule(double rho) {
  return
      [rho](torch::nn::Module& module, const Recipe& recipe) { return std::make_unique<SamRule>(module, recipe, rho); };
}

MakeRule bsam_rule(BsamSettings settings) {
  return [settings](torch::nn::Module& module, const Recipe& recipe) {
    return std::make_unique<BsamRule>(module, recipe, settings);
  };
}

}  // namespace assay::learn
