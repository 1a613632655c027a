// Mixup (Zhang, Cisse, Dauphin and Lopez-Paz, ICLR 2018).
//
// R1  One lambda ~ Beta(alpha, alpha) per batch, without max(lambda, 1 - lambda); one random partner per sample.
// R2  x = lambda x_i + (1 - lambda) x_j; the loss is mixed with the same weights (equal to a mixed target).
// R3  alpha = 0 is cross-entropy: nothing is drawn or mixed.
#include "learn/selection.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor mixup_loss(const torch::Tensor& logits, const torch::Tensor& a, const torch::Tensor& b, double lambda) {
  using torch::nn::functional::cross_entropy;
  return lambda * cross_entropy(logits, a) + (1 - lambda) * cross_entropy(logits, b);
}

class Mixup final : public Method {
 public:
  explicit Mixup(StrictObject& card) : alpha_(card.real("alpha")) {}

  Fit fit(const View& view) override {
    if (alpha_ == 0) {
      train(view, {.loss = cross_entropy});  // R3
      return {};
    }
    auto generator = learn::generator(view.stream("method").bits());
    double lambda = 1;
    torch::Tensor partner_labels;
    train(view, {.loss = [&](const torch::Tensor& logits,
                             const Batch& batch) { return mixup_loss(logits, batch.y, partner_labels, lambda); },
                 .prepare =
                     [&](Batch& batch) {
                       lambda = learn::beta_draw(alpha_, alpha_, generator);
                       const auto partner = learn::permutation(batch.x.size(0), generator).to(batch.x.device());
                       batch.x = lambda * batch.x + (1 - lambda) * batch.x.index_select(0, partner);
                       partner_labels = batch.y.index_select(0, partner);
                     }});
    return {};
  }

 private:
  double alpha_;
};

const Register<Mixup> mixup_registered{"mixup"};

}  // namespace assay::noisy_labels
