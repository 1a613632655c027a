// FairFAL (Zong and Huang, CVPR 2026): each client asks the model that suits it, global or its own, and spreads its
// questions over the classes that the global model's features suggest.
//
// R1  pi_g, pi_l: mean softmax of the global model g and of the client's own model l over its labelled images, balanced
//     by repeating images of the smaller classes (drawn with replacement, stream `method`; not augmented).
// R2  gamma_k = min pi_g / max pi_g over the classes that the client has labelled; gamma, their mean over the clients,
//     is computed at the first query and then fixed. d_k = mean_c |pi_g,c - pi_l,c| / (pi_g,c + pi_l,c) over all
//     classes.
// R3  s_k = 1 - (d_k + gamma) / 2. The query model is g where s_k > threshold, else l. Uncertainty is the entropy of
//     its softmax (over log C in the paper: the same order).
// R4  Prototype of a class: mean of the L2-normalised features of g of the labelled. Pseudo-class: largest cosine.
// R5  Quotas b_c over the pseudo-classes (learn::class_quotas); candidates are the floor(kappa b_c) most uncertain.
// R6  Of them b_c, farthest first among gradient embeddings (onehot - p) outer z^g, labelled images of the class, at
//     their true label, being the anchors. Without anchors the most uncertain is the first.
// R7  The p of these embeddings is g's (paper), or l's where gamma >= 0.5 (code).
#include <algorithm>
#include <cmath>

#include "learn/gradient_embedding.hpp"
#include "learn/k_center.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/federated.hpp"

namespace assay::open_set_al {

// Positions of all examples, and of repeated ones until each class that occurs has as many as the largest.
std::vector<std::int64_t> fairfal_balanced(const std::vector<std::int64_t>& labels, std::int64_t classes,
                                           Stream& stream) {
  std::vector<std::vector<std::int64_t>> of_class(static_cast<std::size_t>(classes));
  std::size_t largest = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    auto& positions = of_class.at(static_cast<std::size_t>(labels[i]));
    positions.push_back(static_cast<std::int64_t>(i));
    largest = std::max(largest, positions.size());
  }
  std::vector<std::int64_t> balanced;
  for (const auto& positions : of_class) {
    balanced.insert(balanced.end(), positions.begin(), positions.end());
    for (auto count = positions.size(); count > 0 && count < largest; ++count) {
      balanced.push_back(positions[stream.below(positions.size())]);
    }
  }
  return balanced;
}

double fairfal_balance(const torch::Tensor& pi,
                       const std::vector<std::int64_t>& labels) {  // gamma_k
  const auto present = pi.index_select(0, rows_of(labels));
  return (present.min() / present.max()).item<double>();
}

double fairfal_discrepancy(const torch::Tensor& pi_g,
                           const torch::Tensor& pi_l) {  // d_k
  const auto sum = pi_g + pi_l;
  return torch::where(sum > 0, (pi_g - pi_l).abs() / sum, torch::zeros_like(sum)).mean().item<double>();
}

double fairfal_agreement(double discrepancy, double balance) { return 1 - (discrepancy + balance) / 2; }  // s_k

// Class of the prototype with the largest cosine, of those that have one: int64 [n].
torch::Tensor fairfal_pseudo_classes(const torch::Tensor& z, const torch::Tensor& labelled_z,
                                     const std::vector<std::int64_t>& labels, std::int64_t classes) {
  using torch::nn::functional::normalize;
  const auto unit = torch::nn::functional::NormalizeFuncOptions().dim(1);
  const auto onehot = torch::one_hot(rows_of(labels), classes).to(torch::kFloat64);  // [labelled, classes]
  const auto sums = onehot.t().matmul(normalize(labelled_z.to(torch::kFloat64), unit));
  const auto cosines = normalize(z.to(torch::kFloat64), unit).matmul(normalize(sums, unit).t());
  return cosines.masked_fill(onehot.sum(0) == 0, -2).argmax(1);
}

// The unlabelled of a pseudo-class: positions, and the query model's uncertainty of each.
struct FairFalGroup {
  std::vector<std::int64_t> positions;
  std::vector<double> uncertainty;
};

std::vector<FairFalGroup> fairfal_groups(const torch::Tensor& pseudo, const std::vector<double>& uncertainty,
                                         std::int64_t classes) {
  std::vector<FairFalGroup> groups(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < uncertainty.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i);
    auto& group = groups.at(static_cast<std::size_t>(pseudo[position].item<std::int64_t>()));
    group.positions.push_back(position);
    group.uncertainty.push_back(uncertainty[i]);
  }
  return groups;
}

std::vector<std::int64_t> fairfal_quotas(const std::vector<FairFalGroup>& groups, std::int64_t budget) {
  std::vector<std::int64_t> sizes;
  for (const auto& group : groups) sizes.push_back(static_cast<std::int64_t>(group.positions.size()));
  return learn::class_quotas(sizes, budget);
}

// `quota` of the group's positions. `all` embeds every unlabelled image, `anchors` the labelled ones of the class.
std::vector<std::int64_t> fairfal_of_group(const FairFalGroup& group, std::int64_t quota, double kappa,
                                           const learn::GradientEmbedding& all,
                                           const learn::GradientEmbedding& anchors) {
  const auto wanted = static_cast<std::size_t>(std::floor(kappa * static_cast<double>(quota)));
  const auto candidates = members(group.positions, learn::top(group.uncertainty, wanted));  // R5
  const auto count = static_cast<std::int64_t>(candidates.size());
  if (count <= quota) return candidates;
  const auto g = all.rows(rows_of(candidates));
  const auto nearest = anchors.norm.size(0) == 0 ? torch::Tensor() : learn::squared_distances(g, anchors).amin(1);
  const auto distances_to = [&](std::int64_t j) {
    return learn::squared_distances(g, g.rows(torch::full({1}, j, torch::kInt64))).squeeze(1);
  };
  return members(candidates, learn::farthest_first(nearest, distances_to, count, quota));  // R6
}

class FairFal final : public FederatedMethod {
 public:
  explicit FairFal(StrictObject& card)
      : threshold_(card.real("threshold")),
        kappa_(card.real("kappa")),
        as_code_(card.choice("variant", {"paper", "code"}) == "code") {}

  std::vector<Ids> query(const FederatedView& view) override {
    std::vector<double> discrepancies;
    double balance = 0;
    for (std::size_t k = 0; k < view.clients.size(); ++k) {
      const auto& labels = view.clients[k].labelled.labels;
      auto stream = view.stream("method", k);
      const auto rows = rows_of(fairfal_balanced(labels, view.classes, stream));
      const auto pi_g = mean_answer(view, k, *view.global, rows), pi_l = mean_answer(view, k, *view.local(k), rows);
      discrepancies.push_back(fairfal_discrepancy(pi_g, pi_l));
      balance += fairfal_balance(pi_g, labels) / static_cast<double>(view.clients.size());
    }
    if (view.stage == 1) balance_ = balance;  // R2

    std::vector<Ids> answers;
    double global = 0, discrepancy = 0;
    for (std::size_t k = 0; k < view.clients.size(); ++k) {
      const bool ask_global = fairfal_agreement(discrepancies[k], balance_) > threshold_;  // R3
      answers.push_back(select(view, k, ask_global ? *view.global : *view.local(k)));
      global += ask_global ? 1 : 0;
      discrepancy += discrepancies[k] / static_cast<double>(view.clients.size());
    }
    view.record("balance", balance_);
    view.record("discrepancy", discrepancy);
    view.record("clients_that_ask_the_global_model", global);
    return answers;
  }

 private:
  static torch::Tensor probabilities(const Outputs& outputs) {
    return torch::softmax(outputs.logits.front().to(torch::kFloat64), 1);
  }

  static torch::Tensor mean_answer(const FederatedView& view, std::size_t k, learn::Headed& model,
                                   const torch::Tensor& rows) {  // R1
    return probabilities(view.outputs(model, view.clients[k].labelled.ids)).index_select(0, rows).mean(0);
  }

  Ids select(const FederatedView& view, std::size_t k, learn::Headed& model) const {
    const auto& [labelled, unlabelled] = view.clients[k];
    if (unlabelled.empty()) return {};
    const auto of_unlabelled = view.outputs(*view.global, unlabelled);
    const auto of_labelled = view.outputs(*view.global, labelled.ids);
    const auto uncertainty = values_of(learn::entropy(probabilities(view.outputs(model, unlabelled))));
    const auto pseudo = fairfal_pseudo_classes(of_unlabelled.z, of_labelled.z, labelled.labels, view.classes);
    const auto groups = fairfal_groups(pseudo, uncertainty, view.classes);
    const auto quotas = fairfal_quotas(groups, view.budget);

    const bool own = as_code_ && balance_ >= kBalanced;  // R7
    const auto p_of = [&](const Ids& ids, const Outputs& by_global) {
      return probabilities(own ? view.outputs(*view.local(k), ids) : by_global);
    };
    const auto truth = rows_of(labelled.labels);
    const auto all = learn::gradient_embedding(p_of(unlabelled, of_unlabelled), of_unlabelled.z);
    const auto known = learn::gradient_embedding(p_of(labelled.ids, of_labelled), of_labelled.z, truth);
    Ids chosen;
    for (std::size_t c = 0; c < quotas.size(); ++c) {
      const auto anchors = known.rows(truth.eq(static_cast<std::int64_t>(c)).nonzero().squeeze(1));
      const auto positions = fairfal_of_group(groups[c], quotas[c], kappa_, all, anchors);
      for (const auto id : members(unlabelled, positions)) chosen.push_back(id);
    }
    return chosen;
  }

  static constexpr double kBalanced = 0.5;

  double threshold_, kappa_;
  bool as_code_;
  double balance_ = 0;  // gamma
};

const Register<FairFal> fairfal_registered{"fairfal"};

}  // namespace assay::open_set_al
