// Noise-Compensated Sharpness-Aware Minimization (Xu, Deng and Pang, 2026, arXiv 2601.19947).
//
// R1  The first floor(warmup T) epochs are plain SGD. Then, for each batch, epoch e = 1..T:
// R2  a = g(w) on the given labels; the logits are kept from the same forward.
// R3  delta_i = largest - second largest logit (Eq. 16); q_i = 1 / (1 + delta_i); p_i = q_i / sum q (Eq. 17).
// R4  m = floor(r b) rows drawn without replacement by p; below two, g* = 0.
// R5  Their temporary label is the highest-scoring class other than the given one (Eq. 18); it is used nowhere else.
// R6  g* = the gradient at w of the mean loss of those rows under the temporary labels; not normalised.
// R7  s = kappa min(1, 2 (3 - 2t) t^2), t = e / T (Eq. 15).
// R8  v = rho a / |a| + sign s g*; e = v, or v rho / |v| where |v| > rho (Eq. 10, 12, 13). Nothing is projected where
//     s g* = 0: rescaling by rounding would break the equality with SAM after a warm-up.
// R9  SGD at w along g(w + e), on the given labels.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "learn/selection.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor ncsam_weights(const torch::Tensor& logits) {  // R3
  const auto top = std::get<0>(logits.topk(2, 1));
  const auto q = 1 / (1 + top.select(1, 0) - top.select(1, 1));
  return q / q.sum();
}

torch::Tensor ncsam_flipped(const torch::Tensor& logits, const torch::Tensor& given) {  // R5
  return logits.scatter(1, given.unsqueeze(1), -std::numeric_limits<double>::infinity()).argmax(1);
}

double ncsam_ramp(std::int64_t epoch, std::int64_t epochs) {  // R7, epoch from 1
  const double t = static_cast<double>(epoch) / static_cast<double>(epochs);
  return std::min(1.0, 2 * (3 - 2 * t) * t * t);
}

torch::Tensor ncsam_projected(const torch::Tensor& v, double rho) {  // R8
  const double length = v.norm().item<double>();
  return length <= rho ? v : v * (rho / length);
}

struct NcsamSettings {
  double rho = 0, kappa = 0, flip_ratio = 0, warmup = 0;
  double sign = 1;
  bool projection = true;
};

class NcsamRule final : public learn::UpdateRule {
 public:
  NcsamRule(torch::nn::Module& module, const learn::Recipe& recipe, NcsamSettings settings, std::uint64_t seed)
      : UpdateRule(module, recipe), settings_(settings), generator_(learn::generator(seed)) {}

 private:
  void update(const Batch& batch, const learn::Progress& progress) override {
    const auto a = gradient(batch);
    const auto warmup = std::floor(settings_.warmup * static_cast<double>(progress.epochs));
    if (static_cast<double>(progress.epoch) < warmup) {
      apply(a, a.flat);  // R1
      return;
    }
    if (!a.scored.logits.defined()) throw std::logic_error("ncsam needs class logits");
    const double strength = settings_.sign * settings_.kappa * ncsam_ramp(progress.epoch + 1, progress.epochs);
    auto e = settings_.rho * learn::unit(a.flat);
    const auto rows = chosen_rows(a.scored.logits);
    if (rows.defined() && strength != 0) {
      const auto star = gradient(relabelled(batch, rows, a.scored.logits));  // R6, still at w
      e = e + strength * star.flat;
      if (settings_.projection) e = ncsam_projected(e, settings_.rho);
    }
    displace(e);
    const auto c = gradient(batch);
    apply(c, c.flat);  // R9
  }

  torch::Tensor chosen_rows(const torch::Tensor& logits) {  // R4
    const auto m = static_cast<std::int64_t>(settings_.flip_ratio * static_cast<double>(logits.size(0)));
    if (m < 2) return {};
    const auto weights = ncsam_weights(logits).to(torch::kCPU);
    return torch::multinomial(weights, m, /*replacement=*/false, generator_).to(logits.device());
  }

  static Batch relabelled(const Batch& batch, const torch::Tensor& rows, const torch::Tensor& logits) {
    auto part = batch;
    part.x = batch.x.index_select(0, rows);
    part.index = batch.index.index_select(0, rows.to(batch.index.device()));
    part.y = ncsam_flipped(logits.index_select(0, rows), batch.y.index_select(0, rows));
    return part;
  }

  NcsamSettings settings_;
  at::Generator generator_;
};

learn::MakeRule ncsam_rule(NcsamSettings settings, std::uint64_t seed) {
  return [settings, seed](torch::nn::Module& module, const learn::Recipe& recipe) {
    return std::make_unique<NcsamRule>(module, recipe, settings, seed);
  };
}

class Ncsam final : public Method {
 public:
  explicit Ncsam(StrictObject& card) {
    settings_.rho = card.real("rho");
    settings_.kappa = card.real("kappa");
    settings_.flip_ratio = card.real("flip_ratio");
    settings_.warmup = card.real("warmup");
    settings_.sign = card.choice("sign", {"plus", "minus"}) == "plus" ? 1 : -1;
    settings_.projection = card.flag_or("projection", true);
  }

  Fit fit(const View& view) override {
    train(view, {.loss = cross_entropy, .rule = ncsam_rule(settings_, view.stream("method").bits())});
    return {};
  }

 private:
  NcsamSettings settings_;
};

const Register<Ncsam> ncsam_registered{"ncsam"};

}  // namespace assay::noisy_labels
