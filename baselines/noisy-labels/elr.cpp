// Early-Learning Regularization (Liu, Niles-Weed, Razavian and Fernandez-Granda, NeurIPS 2020).
//
// R1  q = softmax(logits), clamped to [1e-4, 1 - 1e-4]; no gradient where the clamp acts.
// R2  t_i <- beta t_i + (1 - beta) q / sum(q), without gradient, before the loss of each visit; t_i = 0 at the start.
// R3  loss = cross entropy + lambda mean log(1 - <t_i, q>) (Eq. 6); the gradient goes through q alone.
// R4  t_i[given label] scores a label as clean; the label is called right where argmax t_i is the given one.
// R5  lambda = 0 is cross-entropy.
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor elr_clamped(const torch::Tensor& logits) { return logits.softmax(1).clamp(1e-4, 1 - 1e-4); }

torch::Tensor elr_average(const torch::Tensor& t, const torch::Tensor& logits, double beta) {
  const auto q = elr_clamped(logits.detach());
  return beta * t + (1 - beta) * q / q.sum(1, /*keepdim=*/true);
}

torch::Tensor elr_term(const torch::Tensor& t, const torch::Tensor& logits) {
  return (1 - (t * elr_clamped(logits)).sum(1)).log().mean();
}

class Elr final : public Method {
 public:
  explicit Elr(StrictObject& card) : lambda_(card.real("lambda")), beta_(card.real("beta")) {}

  Fit fit(const View& view) override {
    auto table = torch::zeros({view.labels.size(0), view.classes});
    const auto loss = [&](const torch::Tensor& logits, const Batch& batch) {
      const auto before = table.index_select(0, batch.index);
      const auto t = elr_average(before, logits.to(torch::kCPU), beta_);
      table.index_copy_(0, batch.index, t);
      return cross_entropy(logits, batch) + lambda_ * elr_term(t.to(logits.device()), logits);
    };
    train(view, {.loss = loss, .selected = [&] { return table.argmax(1).eq(view.labels); }});
    return {table.gather(1, view.labels.unsqueeze(1)).squeeze(1)};
  }

 private:
  double lambda_, beta_;
};

const Register<Elr> elr_registered{"elr"};

}  // namespace assay::noisy_labels
