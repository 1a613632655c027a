// BUAL: bidirectional uncertainty-based active learning (Zong, Wang, Ning, Ye and Huang, ECCV 2024).
//
// R1  Positive learning f_p is the target classifier. From the second query on, the detector (K + 1 outputs on all
//     answers) gives q = its probability of "unknown" and whether it predicts that; q = 0 as long as no unknown is
//     labelled.
// R2  Negative learning f_n: f_p's body under a fresh head, trained on the labelled known and on D_sub, images drawn
//     from U anew each round. Per step and image a complementary label y-: uniform over the K - 1 other classes where
//     the label is known, over all K where it is not (Eq. 2). Loss: mean of -log clamp(1 - p(y-), 1e-5, 1) (Eq. 1).
// R3  P- = mean of f_n's probabilities over evenly spaced snapshots of the training.
// R4  Uncertainties u_n of P- and u_p of f_p: 1 - max p, 1 - (p1 - p2), or the full entropy.
// R5  score=code: among what the detector does not call unknown (all of U, if fewer than b are left), with c = scaled
//     confidence -u and q scaled to [0, 1] over these: the b smallest of q c_n + r (1 - q) c_p, r the precision of
//     the last query; first query: the smallest c_n.
// R6  score=paper: the b largest of q u_n + r (1 - q) u_p on all of U (Eq. 3); first query: u_n. It grows with q
//     where the uncertainties are equal, so it prefers likely unknowns: the code ranks by confidence, which turns
//     that around.
#include <optional>

#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/two_stage.hpp"

namespace assay::open_set_al {

std::int64_t bual_complementary(std::int64_t label, std::int64_t classes, Stream& stream) {  // R2; classes: no label
  if (label >= classes) return static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(classes)));
  const auto other = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(classes - 1)));
  return other + (other >= label ? 1 : 0);
}

torch::Tensor bual_negative_loss(const torch::Tensor& logits, const torch::Tensor& complementary) {  // R2
  const auto p = logits.softmax(1).gather(1, complementary.unsqueeze(1)).squeeze(1);
  return -(1 - p).clamp(1e-5, 1).log().mean();
}

std::vector<double> bual_uncertainty(const torch::Tensor& p, const std::string& measure) {  // R4
  if (measure == "entropy") return values_of(learn::entropy(p));
  return values_of(measure == "margin" ? learn::margin_uncertainty(p) : learn::least_confidence(p));
}

double bual_mixed(double q, double negative, double positive, double r) {
  return q * negative + r * (1 - q) * positive;
}

// Of one image each: f_n's and f_p's uncertainty, and the detector's probability of "unknown".
struct BualEvidence {
  std::vector<double> negative, positive, q;
};

std::vector<double> bual_negated(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

std::vector<double> bual_mixture(const BualEvidence& evidence, double r) {
  std::vector<double> mixed;
  for (std::size_t i = 0; i < evidence.q.size(); ++i) {
    mixed.push_back(bual_mixed(evidence.q[i], evidence.negative[i], evidence.positive[i], r));
  }
  return mixed;
}

// Scores, the largest of which are queried; r is none for the first query.
std::vector<double> bual_code_score(const BualEvidence& evidence, std::optional<double> r) {  // R5
  const BualEvidence confidence{learn::minmax(bual_negated(evidence.negative)),
                                learn::minmax(bual_negated(evidence.positive)), learn::minmax(evidence.q)};
  return bual_negated(r ? bual_mixture(confidence, *r) : confidence.negative);
}

std::vector<double> bual_paper_score(const BualEvidence& evidence, std::optional<double> r) {  // R6
  return r ? bual_mixture(evidence, *r) : evidence.negative;
}

// Whether a snapshot is due after so many of the steps: `snapshots` times, the last one at the end.
bool bual_snapshot_due(std::int64_t done, std::int64_t steps, std::int64_t snapshots) {
  return done * snapshots / steps > (done - 1) * snapshots / steps;
}

class Bual final : public PoolMethod {
 public:
  explicit Bual(StrictObject& card)
      : measure_(card.choice("measure", {"margin", "least-confidence", "entropy"})),
        code_(card.choice("score", {"code", "paper"}) == "code"),
        unlabelled_(card.integer("unlabelled")),
        steps_(card.integer("negative_steps")),
        epochs_(card.integer("negative_epochs")),
        snapshots_(card.integer("snapshots")),
        learning_rate_(card.real("negative_learning_rate")),
        weight_decay_(card.real("negative_weight_decay")) {}

  Ids select(const RoundView& view) override {
    const auto n = view.unlabelled.size();
    const auto p = view.target_outputs(view.unlabelled).logits[0].to(torch::kFloat64).softmax(1);
    BualEvidence evidence{bual_uncertainty(negative_probabilities(view), measure_), bual_uncertainty(p, measure_),
                          std::vector<double>(n, 0)};
    std::vector<std::int64_t> candidates;
    for (std::size_t i = 0; i < n; ++i) candidates.push_back(static_cast<std::int64_t>(i));
    const bool first = view.precisions.empty();
    if (!first && !view.unknown.empty()) {  // R1
      const auto detector = train_detector(view);
      const auto detected = view.ground->outputs(*detector, view.unlabelled).logits[0].to(torch::kFloat64).softmax(1);
      evidence.q = values_of(detected.select(1, view.known_classes));
      if (code_) candidates = not_called_unknown(detected, view, std::move(candidates));
    }
    const auto r = first ? std::nullopt : std::optional(view.precisions.back());
    view.record("precision_weight", r.value_or(0));
    const auto among = rows_of_evidence(evidence, candidates);
    const auto score = code_ ? bual_code_score(among, r) : bual_paper_score(among, r);
    return ids_at(view.unlabelled, ids_at(candidates, learn::top(score, static_cast<std::size_t>(view.budget))));
  }

 private:
  static BualEvidence rows_of_evidence(const BualEvidence& evidence, const std::vector<std::int64_t>& rows) {
    BualEvidence chosen;
    for (const auto row : rows) {
      const auto i = static_cast<std::size_t>(row);
      chosen.negative.push_back(evidence.negative[i]);
      chosen.positive.push_back(evidence.positive[i]);
      chosen.q.push_back(evidence.q[i]);
    }
    return chosen;
  }

  static std::vector<std::int64_t> not_called_unknown(const torch::Tensor& detected, const RoundView& view,
                                                      std::vector<std::int64_t> all) {  // R5
    const auto predicted = detected.argmax(1).contiguous();
    std::vector<std::int64_t> kept;
    for (const auto i : all) {
      if (predicted.const_data_ptr<std::int64_t>()[i] != view.known_classes) kept.push_back(i);
    }
    return static_cast<std::int64_t>(kept.size()) < view.budget ? all : kept;
  }

  Schedule negative_schedule(const Schedule& common) const {
    auto schedule = common.with_steps(steps_);
    schedule.epochs = epochs_;
    schedule.learning_rate = learning_rate_;
    schedule.weight_decay = weight_decay_;
    schedule.decay_at = 1;
    return schedule;
  }

  torch::Tensor negative_probabilities(const RoundView& view) const {  // R2, R3
    const auto net = view.ground->network({view.known_classes}, view.stream("init-aux", 1));
    learn::copy_state(view.target->body(), net->body());
    auto draws = view.stream("method");
    auto examples = view.known;
    for (const auto id : learn::draw(view.unlabelled, static_cast<std::size_t>(unlabelled_), draws)) {
      examples.add(id, view.known_classes);
    }
    const auto schedule = negative_schedule(view.schedule);
    const auto steps = schedule.steps_on(static_cast<std::int64_t>(examples.size()));
    torch::Tensor sum;
    std::int64_t taken = 0;
    train(
        *net, *view.ground, examples, schedule, view.aux_train_streams(1),
        [&](const learn::HeadedOutput& output, const learn::Batch& batch, double) {
          std::vector<std::int64_t> labels;
          for (const auto i : labels_of(examples, batch)) {
            labels.push_back(bual_complementary(i, view.known_classes, draws));
          }
          return bual_negative_loss(output.logits[0], rows_of(labels).to(output.logits[0].device()));
        },
        [&](std::int64_t done) {
          if (!bual_snapshot_due(done, steps, snapshots_)) return;
          const auto p = view.ground->outputs(*net, view.unlabelled).logits[0].to(torch::kFloat64).softmax(1);
          net->train();
          sum = taken == 0 ? p : sum + p;
          ++taken;
        });
    return sum / taken;
  }

  static std::vector<std::int64_t> labels_of(const Examples& examples, const learn::Batch& batch) {
    const auto index = batch.index.to(torch::kCPU).contiguous();
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < index.numel(); ++i) {
      labels.push_back(examples.labels[static_cast<std::size_t>(index.const_data_ptr<std::int64_t>()[i])]);
    }
    return labels;
  }

  std::string measure_;
  bool code_;
  std::int64_t unlabelled_, steps_, epochs_, snapshots_;
  double learning_rate_, weight_decay_;
};

const Register<Bual> bual_registered{"bual"};

}  // namespace assay::open_set_al
