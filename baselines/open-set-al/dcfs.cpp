// DCFS: Dirichlet-based coarse-to-fine example selection (Wang, Zong, Xie and Huang, 2024). RECONSTRUCTED: only the
// abstract was at hand. It names evidential learning, data and distribution uncertainty to tell known from unknown,
// two heads whose discrepancy is enlarged on unknown and reduced on known examples, and two stages. What it leaves
// open follows DUC (Xie et al., ICLR 2023), maximum classifier discrepancy (Saito et al., CVPR 2018) and DPC (AAAI
// 2024).
//
// R1  One body, two heads of K outputs; alpha_j = exp(o_j) + 1, pi_j = alpha_j / sum alpha_j, j = 1, 2.
// R2  Loss of a batch of all answers. Known: mean of sum_j (NLL(alpha_j, y) + a KL(alpha~_j) / K) + lambda mean |pi_1
//     - pi_2|_1. Unknown: a mean of sum_j KL(Dir(alpha_j) || flat) / K - lambda mean |pi_1 - pi_2|_1. a grows
//     linearly to 1 within the first tenth of the steps.
// R3  u = scaled distribution uncertainty + scaled data uncertainty, each averaged over the heads and scaled to [0,
//     1] over U. Coarse: the kappa b smallest u.
// R4  Fine: of these the b largest gaps |pi_1 - pi_2|_1.
// R5  own_classifier: the target classifier is such a network too, and is the one that selects; its answer is the
//     largest pi_1 + pi_2.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "learn/evidential.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/two_stage.hpp"

namespace assay::open_set_al {

torch::Tensor dcfs_mean(const torch::Tensor& logits) {  // R1
  const auto alpha = learn::dirichlet(logits);
  return alpha / alpha.sum(1, /*keepdim=*/true);
}

torch::Tensor dcfs_gap(const torch::Tensor& first, const torch::Tensor& second) {  // |pi_1 - pi_2|_1 per row
  return (dcfs_mean(first) - dcfs_mean(second)).abs().sum(1);
}

torch::Tensor dcfs_loss(const std::vector<torch::Tensor>& heads, const torch::Tensor& y, double anneal,
                        double lambda) {  // R2
  const auto classes = heads[0].size(1);
  const double kl_weight = anneal / static_cast<double>(classes);
  const auto known = (y < classes).nonzero().squeeze(1), unknown = (y >= classes).nonzero().squeeze(1);
  auto loss = torch::zeros({}, heads[0].options());
  const auto gap = [&](const torch::Tensor& rows) {
    return dcfs_gap(heads[0].index_select(0, rows), heads[1].index_select(0, rows)).mean();
  };
  if (known.size(0) > 0) {
    const auto labels = y.index_select(0, known);
    for (const auto& logits : heads) {
      const auto alpha = learn::dirichlet(logits.index_select(0, known));
      loss = loss + (learn::evidential_nll(alpha, labels) + kl_weight * learn::misleading_kl(alpha, labels)).mean();
    }
    loss = loss + lambda * gap(known);
  }
  if (unknown.size(0) > 0) {
    for (const auto& logits : heads) {
      loss = loss + kl_weight * learn::dirichlet_kl(learn::dirichlet(logits.index_select(0, unknown))).mean();
    }
    loss = loss - lambda * gap(unknown);
  }
  return loss;
}

std::vector<double> dcfs_uncertainty(const torch::Tensor& first, const torch::Tensor& second) {  // R3
  const auto one = learn::dirichlet_uncertainty(learn::dirichlet(first.to(torch::kFloat64)));
  const auto two = learn::dirichlet_uncertainty(learn::dirichlet(second.to(torch::kFloat64)));
  auto sum = learn::minmax(values_of((one.distribution + two.distribution) / 2));
  const auto data = learn::minmax(values_of((one.data + two.data) / 2));
  std::transform(sum.begin(), sum.end(), data.begin(), sum.begin(), std::plus<>());
  return sum;
}

std::vector<std::int64_t> dcfs_chosen(const std::vector<double>& uncertainty, const std::vector<double>& gap,
                                      std::int64_t budget, double kappa) {  // R3, R4
  std::vector<double> gate(uncertainty.size());
  std::transform(uncertainty.begin(), uncertainty.end(), gate.begin(), std::negate<>());
  std::vector<std::int64_t> all(uncertainty.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const auto coarse = std::llround(kappa * static_cast<double>(budget));
  return gate_then_rank(all, gate, gap, {static_cast<std::size_t>(coarse), static_cast<std::size_t>(budget)});
}

class Dcfs final : public PoolMethod {
 public:
  explicit Dcfs(StrictObject& card)
      : kappa_(card.real("kappa")),
        lambda_(card.real("lambda")),
        own_classifier_(card.flag_or("own_classifier", false)) {}

  std::optional<Fit> fit(const FitView& view) override {  // R5
    if (!own_classifier_) return std::nullopt;
    const auto net = trained(view, view.stream("init", view.repeat), view.train_streams(view.repeat));
    return Fit{net, [net](const torch::Tensor& x) {
                 net->eval();
                 const auto logits = net->forward(x).logits;
                 return dcfs_mean(logits[0]) + dcfs_mean(logits[1]);
               }};
  }

  Ids select(const RoundView& view) override {
    const auto net = own_classifier_ ? view.target : trained(view, view.stream("init-aux"), view.aux_train_streams());
    const auto logits = view.ground->outputs(*net, view.unlabelled).logits;
    const auto first = logits[0].to(torch::kFloat64), second = logits[1].to(torch::kFloat64);
    return ids_at(view.unlabelled, dcfs_chosen(dcfs_uncertainty(first, second), values_of(dcfs_gap(first, second)),
                                               view.budget, kappa_));
  }

 private:
  std::shared_ptr<learn::Headed> trained(const PoolView& view, Stream init, const TrainStreams& streams) const {
    constexpr double kAnnealed = 0.1;  // of the training
    const auto net = view.ground->network({view.known_classes, view.known_classes}, init);
    train(*net, *view.ground, view.labelled(), view.schedule, streams,
          [&](const learn::HeadedOutput& output, const learn::Batch& batch, double t) {
            return dcfs_loss(output.logits, batch.y, std::min(1.0, t / kAnnealed), lambda_);
          });
    return net;
  }

  double kappa_, lambda_;
  bool own_classifier_;
};

const Register<Dcfs> dcfs_registered{"dcfs"};

}  // namespace assay::open_set_al
