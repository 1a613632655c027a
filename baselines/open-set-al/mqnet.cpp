// MQ-Net (Park, Shin, Bang, Lee, Song and Lee, NeurIPS 2022): a small network learns from each query's answers how to
// weigh informativeness against purity.
//
// R1  Informativeness O(x) = 1 - max p of C_t; purity P(x) = max over L_k of the cosine of frozen features.
// R2  Each is put into exp((v - mean) / sd) over U, sd = 1 where it is 0. Round 0 scores the plain O plus the scaled P.
// R3  Later rounds score Phi(u), u the two scaled values: Phi(u) = sigmoid(u ReLU(W1) + b1) ReLU(W2) + b2 with 64
//     hidden units. ReLU on the weights makes Phi monotone in both. All entries start uniform in [0, 1).
// R4  Phi is trained afresh on the last query: l = cross-entropy of the C_t that asked, where the answer was a known
//     class, and 0 where it was "unknown". In a batch of B, i and B - 1 - i are a pair, i < floor(B / 2); its loss is
//     max(0, 1 - sgn (Phi_i - Phi_j)), sgn = +1 if l_i > l_j, else -1: as published, equal l are a pair, too.
// R5  SGD without momentum in reshuffled passes; the rate falls to a tenth after half of the steps. In float64, since
//     the sigmoid saturates.
#include <algorithm>
#include <cmath>

#include "learn/neighbours.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

torch::Tensor mqnet_scaled(const torch::Tensor& v) {  // R2
  const auto centred = v - v.mean();
  const double deviation = std::sqrt(centred.square().mean().item<double>());
  return (centred / (deviation > 0 ? deviation : 1)).exp();
}

struct MqnetPhi {  // R3
  torch::Tensor w1, w2, b1, b2;
  torch::Tensor operator()(const torch::Tensor& u) const {  // [n, 2] -> [n]
    return ((u.mm(w1.relu()) + b1).sigmoid().mm(w2.relu()) + b2).squeeze(1);
  }
};

MqnetPhi mqnet_untrained(Stream& draws) {
  constexpr std::int64_t kHidden = 64;
  const auto uniform = [&](std::int64_t rows, std::int64_t columns) {
    auto values = torch::empty({rows, columns}, torch::kFloat64);
    std::generate_n(values.mutable_data_ptr<double>(), rows * columns, [&] { return draws.uniform(); });
    return values.requires_grad_();
  };
  MqnetPhi phi;
  phi.w1 = uniform(2, kHidden);
  phi.w2 = uniform(kHidden, 1);
  phi.b1 = uniform(1, kHidden);
  phi.b2 = uniform(1, 1);
  return phi;
}

torch::Tensor mqnet_pair_loss(const torch::Tensor& score, const torch::Tensor& loss) {  // R4
  const auto pairs = score.size(0) / 2;
  const auto lead = (score - score.flip(0)).narrow(0, 0, pairs);
  const auto order = (loss - loss.flip(0)).narrow(0, 0, pairs).gt(0).to(score.scalar_type()) * 2 - 1;
  return (1 - order * lead).clamp_min(0).mean();
}

struct MqnetRecipe {
  std::int64_t steps = 0, batch = 0;
  double learning_rate = 0;
};

MqnetPhi mqnet_trained(const torch::Tensor& inputs, const torch::Tensor& losses, const MqnetRecipe& recipe,
                       Stream draws) {  // R5
  auto phi = mqnet_untrained(draws);
  const auto n = inputs.size(0);
  if (n < 2) return phi;  // no pair
  const std::vector<torch::Tensor> weights{phi.w1, phi.w2, phi.b1, phi.b2};
  Ids order;
  std::int64_t next = n;
  for (std::int64_t step = 0; step < recipe.steps; ++step) {
    if (n - next < 2) {
      order = draws.permutation(n);
      next = 0;
    }
    const auto size = std::min(recipe.batch, n - next);
    const auto rows = rows_of({order.begin() + next, order.begin() + next + size});
    next += size;
    const auto loss = mqnet_pair_loss(phi(inputs.index_select(0, rows)), losses.index_select(0, rows));
    const auto gradients = torch::autograd::grad({loss}, weights);
    const double rate = 2 * step < recipe.steps ? recipe.learning_rate : recipe.learning_rate / 10;
    torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i].sub_(rate * gradients[i]);
  }
  return phi;
}

// R4: l of each id, whose logits were `logits` [n, K]. `known`: ids ascending, with labels.
torch::Tensor mqnet_losses(const Ids& ids, const torch::Tensor& logits, const Examples& known) {
  auto losses = torch::zeros({logits.size(0)}, torch::kFloat64);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = std::lower_bound(known.ids.begin(), known.ids.end(), ids[i]);
    if (found == known.ids.end() || *found != ids[i]) continue;
    const auto label = known.labels[static_cast<std::size_t>(found - known.ids.begin())];
    const auto row = logits[static_cast<std::int64_t>(i)];
    losses[static_cast<std::int64_t>(i)] = row.logsumexp(0) - row[label];
  }
  return losses;
}

class Mqnet final : public PoolMethod {
 public:
  explicit Mqnet(StrictObject& card)
      : recipe_{card.integer("steps"), card.integer("batch"), card.real("learning_rate")} {}

  Ids select(const RoundView& view) override {
    const auto logits = view.target_outputs(view.unlabelled).logits[0].to(torch::kFloat64);
    const auto informativeness = learn::least_confidence(logits.softmax(1));
    const auto& features = view.frozen->features();
    const auto purity = learn::largest_cosine(features.index_select(0, rows_of(view.unlabelled)),
                                              features.index_select(0, rows_of(view.known.ids)));
    const auto inputs = torch::stack({mqnet_scaled(informativeness), mqnet_scaled(purity)}, 1);
    const auto score = asked_.empty() ? informativeness + inputs.select(1, 1) : learned_score(view, inputs);

    const auto picks = learn::top(values_of(score), static_cast<std::size_t>(view.budget));
    asked_.clear();
    for (const auto i : picks) asked_.push_back(view.unlabelled[static_cast<std::size_t>(i)]);
    inputs_ = inputs.index_select(0, rows_of(picks));
    logits_ = logits.index_select(0, rows_of(picks));
    return asked_;
  }

 private:
  torch::Tensor learned_score(const RoundView& view, const torch::Tensor& inputs) const {
    const auto losses = mqnet_losses(asked_, logits_, view.known);
    const auto phi = mqnet_trained(inputs_, losses, recipe_, view.stream("method"));
    torch::NoGradGuard no_grad;
    return phi(inputs);
  }

  MqnetRecipe recipe_;
  Ids asked_;                      // the last query, whose answers the next round's view has,
  torch::Tensor inputs_, logits_;  // and what was known of it then
};

const Register<Mqnet> mqnet_registered{"mqnet"};

}  // namespace assay::open_set_al
