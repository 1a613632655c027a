// EAOA: an energy-based approach to epistemic and aleatoric uncertainty for open-set annotation (Zong and Huang, CVPR
// 2025), by its released code.
//
// R1  Detector with K + 1 outputs on all answers: cross entropy + lambda_e (mean over known of relu(E - m_known)^2 +
//     mean over unknown of relu(m_unknown - E)^2), E = -lse of the logits c < K. First query: cross entropy alone.
// R2  Epistemic uncertainty, learned: e1 = E + softplus(o_K).
// R3  Epistemic uncertainty of the data: each labelled image gives its class a vote to each of its k_nn most similar
//     members of U, by cosine of the detector's features. z_c = votes_c / (n_c / mean_{j < K} n_j), n_c the labelled
//     of class c; e2 = -lse_{c < K} z + softplus(z_K), the last term only once unknown examples are labelled.
//     votes=known-only: z = the votes, without that term.
// R4  Aleatoric uncertainty of the target classifier: a = lse of the logits without the largest - lse of all. This is
//     log(1 - max p), so it ranks like least confidence.
// R5  e1, e2 and a are scaled to [0, 1] over U, and a mixture of two normals is fitted to each: w = posterior of e1's
//     lower component times that of e2's; v = posterior of a's higher component. au=raw: v = a.
// R6  Within each class predicted by the target classifier: of the k b_c largest w, the b_c largest v, b_c = ceil(b /
//     K). All classes' together are shuffled and cut to b.
// R7  After a query of precision r: k + a if r - target > z; k - a if target - r > z and k - a >= 1; else k.
#include <algorithm>
#include <functional>

#include "learn/neighbours.hpp"
#include "learn/normal_mixture.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/two_stage.hpp"

namespace assay::open_set_al {

struct EaoaMargins {
  double weight = 0, known = 0, unknown = 0;  // lambda_e, m_known, m_unknown
};

torch::Tensor eaoa_loss(const torch::Tensor& logits, const torch::Tensor& y, const EaoaMargins& margins) {  // R1
  const auto classes = logits.size(1) - 1;
  const auto energy = learn::energy(logits.narrow(1, 0, classes));
  const auto known = energy.index_select(0, (y < classes).nonzero().squeeze(1));
  const auto unknown = energy.index_select(0, (y >= classes).nonzero().squeeze(1));
  auto loss = torch::nn::functional::cross_entropy(logits, y);
  if (known.size(0) > 0) loss = loss + margins.weight * (known - margins.known).relu().square().mean();
  if (unknown.size(0) > 0) loss = loss + margins.weight * (margins.unknown - unknown).relu().square().mean();
  return loss;
}

torch::Tensor eaoa_epistemic(const torch::Tensor& scores, bool with_unknown) {  // R2, R3
  const auto classes = scores.size(1) - 1;
  const auto energy = learn::energy(scores.narrow(1, 0, classes));
  return with_unknown ? energy + torch::softplus(scores.select(1, classes)) : energy;
}

torch::Tensor eaoa_weighted(const torch::Tensor& votes, const torch::Tensor& counts) {  // R3; counts: labelled, [K + 1]
  const auto known = counts.to(torch::kFloat64).narrow(0, 0, counts.size(0) - 1);
  return votes * (known.mean() / counts.to(torch::kFloat64).clamp_min(1));  // no votes where none is labelled
}

torch::Tensor eaoa_aleatoric(const torch::Tensor& logits) {  // R4
  return learn::energy(logits) - learn::energy_without_top(logits);
}

enum class EaoaSide { kLow, kHigh };

std::vector<double> eaoa_posterior(const torch::Tensor& uncertainty, EaoaSide side) {  // R5
  auto mixture = learn::fit_normal_mixture(learn::minmax(values_of(uncertainty)), 2);
  return mixture.posterior[side == EaoaSide::kLow ? mixture.lowest() : mixture.highest()];
}

struct EaoaControl {
  std::int64_t start = 0, step = 0;  // k, a
  double tolerance = 0, target = 0;  // z, target precision
};

std::int64_t eaoa_factor(const EaoaControl& control, const std::vector<double>& precisions) {  // R7
  auto k = control.start;
  for (const double precision : precisions) {
    if (precision - control.target > control.tolerance) {
      k += control.step;
    } else if (control.target - precision > control.tolerance && k - control.step >= 1) {
      k -= control.step;
    }
  }
  return k;
}

class Eaoa final : public PoolMethod {
 public:
  explicit Eaoa(StrictObject& card)
      : margins_{card.real("lambda_e"), card.real("m_known"), card.real("m_unknown")},
        control_{card.integer("k"), card.integer("a"), card.real("z"), card.real("target_precision")},
        neighbours_(card.integer("k_nn")),
        weighted_(card.choice("votes", {"2025-06", "known-only"}) == "2025-06"),
        mixture_(card.choice("au", {"mixture", "raw"}) == "mixture") {}

  Ids select(const RoundView& view) override {
    const auto detector = detector_of(view);
    const auto seen = view.ground->outputs(*detector, view.unlabelled);
    const auto target = view.target_outputs(view.unlabelled).logits[0].to(torch::kFloat64);

    auto likely_known = eaoa_posterior(eaoa_epistemic(seen.logits[0].to(torch::kFloat64), true), EaoaSide::kLow);
    const auto by_data = eaoa_posterior(data_epistemic(view, *detector, seen.z), EaoaSide::kLow);
    std::transform(likely_known.begin(), likely_known.end(), by_data.begin(), likely_known.begin(),
                   std::multiplies<>());
    const auto aleatoric = eaoa_aleatoric(target);
    const auto ambiguous = mixture_ ? eaoa_posterior(aleatoric, EaoaSide::kHigh) : values_of(aleatoric);

    const auto k = eaoa_factor(control_, view.precisions);
    view.record("candidate_factor", static_cast<double>(k));
    const auto quota = (view.budget + view.known_classes - 1) / view.known_classes;
    const auto predicted = target.argmax(1).contiguous();
    auto chosen = gate_then_rank_by_class({predicted.const_data_ptr<std::int64_t>(), view.unlabelled.size()},
                                          view.known_classes, likely_known, ambiguous,
                                          {static_cast<std::size_t>(k * quota), static_cast<std::size_t>(quota)});
    auto draws = view.stream("method");
    draws.shuffle(chosen);
    chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(view.budget)));
    return ids_at(view.unlabelled, chosen);
  }

 private:
  std::shared_ptr<learn::Headed> detector_of(const RoundView& view) const {  // R1
    if (view.round == 0) return train_detector(view);
    return train_detector(view, [margins = margins_](const learn::HeadedOutput& output, const learn::Batch& batch,
                                                     double) { return eaoa_loss(output.logits[0], batch.y, margins); });
  }

  torch::Tensor data_epistemic(const RoundView& view, learn::Headed& detector, const torch::Tensor& z) const {  // R3
    const auto labelled = view.labelled();
    const auto labels = rows_of(labelled.labels);
    const auto votes = learn::reverse_neighbour_votes(z, view.ground->outputs(detector, labelled.ids).z, labels,
                                                      view.known_classes + 1, neighbours_);
    if (!weighted_) return eaoa_epistemic(votes, false);
    return eaoa_epistemic(eaoa_weighted(votes, labels.bincount({}, view.known_classes + 1)), !view.unknown.empty());
  }

  EaoaMargins margins_;
  EaoaControl control_;
  std::int64_t neighbours_;
  bool weighted_, mixture_;
};

const Register<Eaoa> eaoa_registered{"eaoa"};

}  // namespace assay::open_set_al
