// E2OAL: effective and efficient open-set active learning (Zong, Chi, Wang, Cui and Huang, CVPR 2026).
//
// R1  Unknown classes, from the second training on: frozen features of all answers are clustered into C clusters,
//     which are matched one to one to the labels 0 .. K with the largest overlap. Score of C: product of the F1 of
//     each known label with its cluster and of "unknown" with all clusters not matched to a known label. The best C
//     gives u = C - K (class_estimation.hpp). Once a round, shared by the repeats of the last training.
// R2  A labelled unknown gets the label K + number of the nearest of the u unknown clusters' centres.
// R3  One body, primary head of K outputs, auxiliary head of K + u. Loss: mean cross entropy of the primary head over
//     the known of a batch + mean of (NLL + a KL / (K + u)) of the auxiliary, evidential head over all; a grows to 1
//     linearly.
// R4  Purity s = largest known - largest unknown logit of the auxiliary head (without unknown classes the first
//     alone); pi = posterior of the component with the largest mean in a mixture of three normals fitted to s on U
//     and L.
// R5  Informativeness = JS(p || uniform) JS(p || onehot(argmax p)) of the primary head's p.
// R6  select=paper (Algorithm B1): U in the order of pi; the pool grows from b while its last b members' mean pi
//     exceeds the target precision; of the pool, the b most informative are queried.
// R7  select=code: the pool's size k is the first at which the pi of its b most informative sum, rounded down, to at
//     most b times the target. Within each known class predicted by the auxiliary head over all its outputs: of the
//     ceil(k / K) purest, the ceil(b / K) most informative; shuffled, cut to b. Its JS has the arguments of KL
//     swapped, and smoothing.
// R8  Target of the first query p*; then target + p* - precision of the last query, within [0, 1].
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

#include "learn/evidential.hpp"
#include "learn/normal_mixture.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/class_estimation.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/two_stage.hpp"

namespace assay::open_set_al {

torch::Tensor e2oal_loss(const torch::Tensor& primary, const torch::Tensor& auxiliary, const torch::Tensor& y,
                         double kl_weight, double gamma) {  // R3
  const auto alpha = learn::dirichlet(auxiliary, gamma);
  const auto kl = learn::misleading_kl(alpha, y) / static_cast<double>(auxiliary.size(1));
  const auto loss = (learn::evidential_nll(alpha, y) + kl_weight * kl).mean();
  const auto known = (y < primary.size(1)).nonzero().squeeze(1);
  if (known.size(0) == 0) return loss;
  return loss + torch::nn::functional::cross_entropy(primary.index_select(0, known), y.index_select(0, known));
}

torch::Tensor e2oal_purity(const torch::Tensor& auxiliary, std::int64_t known_classes) {  // R4
  const auto unknown_classes = auxiliary.size(1) - known_classes;
  const auto known = auxiliary.narrow(1, 0, known_classes).amax(1);
  return unknown_classes == 0 ? known : known - auxiliary.narrow(1, known_classes, unknown_classes).amax(1);
}

torch::Tensor e2oal_one_hot(const torch::Tensor& p) {
  return torch::zeros_like(p).scatter(1, p.argmax(1, /*keepdim=*/true), 1.0);
}

torch::Tensor e2oal_information(const torch::Tensor& p) {  // R5
  const auto uniform = torch::full_like(p, 1.0 / static_cast<double>(p.size(1)));
  return learn::js_divergence(p, uniform) * learn::js_divergence(p, e2oal_one_hot(p));
}

torch::Tensor e2oal_swapped_js(const torch::Tensor& p, const torch::Tensor& q) {  // R7: (KL(m || p) + KL(m || q)) / 2
  const auto smoothed = [](const torch::Tensor& x) { return (x + 1e-8) / (x + 1e-8).sum(1, /*keepdim=*/true); };
  const auto a = smoothed(p), b = smoothed(q), m = (a + b) / 2;
  return (learn::kl_divergence(m, a) + learn::kl_divergence(m, b)) / 2;
}

torch::Tensor e2oal_code_information(const torch::Tensor& p) {  // R7
  const auto uniform = torch::full_like(p, 1.0 / static_cast<double>(p.size(1)));
  return e2oal_swapped_js(p, uniform) * e2oal_swapped_js(p, e2oal_one_hot(p));
}

// R6. `pi`: falling.
std::size_t e2oal_pool_size(const std::vector<double>& pi, std::size_t budget, double target) {
  auto size = std::min(budget, pi.size());
  const auto last_mean = [&] {
    return std::accumulate(pi.begin() + static_cast<std::ptrdiff_t>(size - budget),
                           pi.begin() + static_cast<std::ptrdiff_t>(size), 0.0) /
           static_cast<double>(budget);
  };
  while (size < pi.size() && last_mean() > target) ++size;
  return size;
}

// R7. `pi`: falling; `information`: of the same images.
std::size_t e2oal_code_pool_size(const std::vector<double>& pi, const std::vector<double>& information,
                                 std::size_t budget, double target) {
  if (target <= 0) return pi.size();
  std::set<std::pair<double, std::size_t>> best;  // the most informative so far: (-information, position)
  double sum = 0;
  for (std::size_t i = 0; i < pi.size(); ++i) {
    best.emplace(-information[i], i);
    sum += pi[i];
    if (best.size() > budget) {
      sum -= pi[std::prev(best.end())->second];
      best.erase(std::prev(best.end()));
    }
    if (best.size() == budget && std::floor(sum) <= target * static_cast<double>(budget)) return i + 1;
  }
  return pi.size();
}

double e2oal_target(double wanted, const std::vector<double>& precisions) {  // R8
  double target = wanted;
  for (const double precision : precisions) target = std::clamp(target + wanted - precision, 0.0, 1.0);
  return target;
}

// What the network says of U, and the order of its members by pi (ties: s, then id).
struct E2oalReading {
  std::vector<double> purity, pi, information;  // s, pi, S_info
  std::vector<std::int64_t> predicted, order;
};

std::vector<std::int64_t> e2oal_order(const std::vector<double>& pi, const std::vector<double>& purity) {
  std::vector<std::int64_t> order(pi.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto rank = [&](std::int64_t position) {
    const auto i = static_cast<std::size_t>(position);
    return std::tuple(-pi[i], -purity[i], position);
  };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  return order;
}

std::vector<double> e2oal_at(const std::vector<double>& values, std::span<const std::int64_t> positions) {
  std::vector<double> chosen;
  for (const auto position : positions) chosen.push_back(values[static_cast<std::size_t>(position)]);
  return chosen;
}

std::vector<std::int64_t> e2oal_paper_query(const E2oalReading& reading, std::size_t budget, double target) {  // R6
  const auto size = e2oal_pool_size(e2oal_at(reading.pi, reading.order), budget, target);
  std::vector<std::int64_t> pool(reading.order.begin(), reading.order.begin() + static_cast<std::ptrdiff_t>(size));
  std::sort(pool.begin(), pool.end());
  return ids_at(pool, learn::top(e2oal_at(reading.information, pool), budget));
}

std::vector<std::int64_t> e2oal_code_query(const E2oalReading& reading, std::int64_t known_classes, std::size_t budget,
                                           double target, Stream draws) {  // R7
  const auto classes = static_cast<std::size_t>(known_classes);
  const auto size = e2oal_code_pool_size(e2oal_at(reading.pi, reading.order),
                                         e2oal_at(reading.information, reading.order), budget, target);
  auto chosen = gate_then_rank_by_class(reading.predicted, known_classes, reading.purity, reading.information,
                                        {(size + classes - 1) / classes, (budget + classes - 1) / classes});
  draws.shuffle(chosen);
  chosen.resize(std::min(chosen.size(), budget));
  return chosen;
}

class E2oal final : public PoolMethod {
 public:
  explicit E2oal(StrictObject& card)
      : wanted_(card.real("target_precision")),
        gamma_(card.real("gamma")),
        warmup_(card.real("kl_warmup")),
        search_{card.choice("search", {"scan", "ternary"}) == "ternary", card.integer("max_unknown_classes")},
        paper_(card.choice("select", {"paper", "code"}) == "paper"),
        by_auxiliary_(card.choice("test_head", {"auxiliary", "primary"}) == "auxiliary") {}

  std::optional<Fit> fit(const FitView& view) override {
    if (view.repeat == 0) estimate(view);
    const auto k = view.known_classes;
    auto examples = view.labelled();
    std::copy(classes_.label_of.begin(), classes_.label_of.end(),  // R2
              examples.labels.end() - static_cast<std::ptrdiff_t>(classes_.label_of.size()));
    const auto net = view.ground->network({k, k + classes_.count}, view.stream("init", view.repeat));
    train(*net, *view.ground, examples, view.schedule, view.train_streams(view.repeat),
          [this](const learn::HeadedOutput& output, const learn::Batch& batch, double t) {
            const double kl_weight = warmup_ > 0 ? std::min(1.0, t / warmup_) : 1;
            return e2oal_loss(output.logits[0], output.logits[1], batch.y, kl_weight, gamma_);
          });
    auto fit = answer_of_head(net, 0);
    const Classifier auxiliary = [net, k](const torch::Tensor& x) {
      net->eval();
      return net->forward(x).logits[1].narrow(1, 0, k);
    };
    if (by_auxiliary_) return Fit{net, auxiliary, {{"primary", fit.answer}}};
    fit.also["auxiliary"] = auxiliary;
    return fit;
  }

  Ids select(const RoundView& view) override {
    const auto reading = read(view);
    const auto target = e2oal_target(wanted_, view.precisions);
    view.record("purity_target", target);
    const auto budget = static_cast<std::size_t>(view.budget);
    return ids_at(view.unlabelled,
                  paper_ ? e2oal_paper_query(reading, budget, target)
                         : e2oal_code_query(reading, view.known_classes, budget, target, view.stream("method")));
  }

 private:
  void estimate(const FitView& view) {  // R1
    classes_ = {};
    if (!view.unknown.empty()) {
      const auto labelled = view.labelled();
      const auto features = view.frozen->features().index_select(0, rows_of(labelled.ids)).contiguous();
      const std::span<const float> points(features.const_data_ptr<float>(), static_cast<std::size_t>(features.numel()));
      classes_ =
          estimate_unknown_classes({points, labelled.labels, view.known_classes}, search_,
                                   [&](std::int64_t clusters) { return view.stream("method", clusters).bits(); });
    }
    view.record("unknown_classes", static_cast<double>(classes_.count));
  }

  E2oalReading read(const RoundView& view) const {  // R4, R5
    const auto unlabelled = view.target_outputs(view.unlabelled);
    const auto auxiliary = unlabelled.logits[1].to(torch::kFloat64);
    const auto labelled = view.target_outputs(view.labelled().ids).logits[1].to(torch::kFloat64);
    const auto predicted = auxiliary.argmax(1).contiguous();
    E2oalReading reading;
    reading.purity = values_of(e2oal_purity(auxiliary, view.known_classes));
    auto all = reading.purity;
    const auto more = values_of(e2oal_purity(labelled, view.known_classes));
    all.insert(all.end(), more.begin(), more.end());
    const auto mixture = learn::fit_normal_mixture(all, 3);
    const auto& posterior = mixture.posterior[mixture.highest()];
    reading.pi.assign(posterior.begin(), posterior.begin() + static_cast<std::ptrdiff_t>(reading.purity.size()));
    const auto p = unlabelled.logits[0].to(torch::kFloat64).softmax(1);
    reading.information = values_of(paper_ ? e2oal_information(p) : e2oal_code_information(p));
    reading.predicted.assign(predicted.const_data_ptr<std::int64_t>(),
                             predicted.const_data_ptr<std::int64_t>() + predicted.numel());
    reading.order = e2oal_order(reading.pi, reading.purity);
    return reading;
  }

  double wanted_, gamma_, warmup_;
  ClassSearch search_;
  bool paper_, by_auxiliary_;
  UnknownClasses classes_;  // of the last estimate
};

const Register<E2oal> e2oal_registered{"e2oal"};

}  // namespace assay::open_set_al
