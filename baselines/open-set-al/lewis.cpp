// One-shot active learning by Lewis weights (Huang, Li, Sun and Tang, ICLR 2024), Algorithm 1.
//
// R1  Of every representation U^j (rows: unlabelled images): Lewis weights w_i(U^j) to the norm p.
//     t_i = max_j w_i(U^j); P_i = t_i / sum t.
// R2  Draws q ~ P with replacement until tau images are distinct. An image is paid once; m counts all draws.
// R3  An image drawn c times weighs c / (m P_q) in the heads' objective, one labelled at first 1.
// R4  In the pool protocol, an adaptation: the representations are the features of C_t, those of the detector and the
//     frozen ones, each with a 1 appended as in the one-shot protocol; R1 and R2 with tau = b; training is unweighted.
#include <algorithm>
#include <numeric>

#include "learn/lewis_weights.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/one_shot.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

struct LewisMaxima {
  std::vector<double> t;
  double sum_of_ranks = 0;  // of all representations: what their weights sum up to
};

LewisMaxima lewis_maxima(const std::vector<torch::Tensor>& representations, double p) {  // R1
  torch::Tensor t;
  LewisMaxima maxima;
  for (const auto& representation : representations) {
    const auto w = learn::lewis_weights(representation.to(torch::kFloat64), p);
    maxima.sum_of_ranks += w.sum().item<double>();
    t = t.defined() ? torch::maximum(t, w) : w;
  }
  maxima.t = values_of(t);
  return maxima;
}

// Rows as drawn, with repeats, until `distinct` are distinct (all, where there are no more). Every row has a chance:
// with its 1 none is zero.
std::vector<std::int64_t> lewis_draws(const std::vector<double>& t, std::int64_t distinct, Stream stream) {  // R2
  std::vector<std::int64_t> draws;
  std::vector<bool> seen(t.size(), false);
  for (auto left = std::min(distinct, static_cast<std::int64_t>(t.size())); left > 0;) {
    const auto row = learn::draw_weighted(t, stream);
    draws.push_back(static_cast<std::int64_t>(row));
    if (!seen[row]) --left;
    seen[row] = true;
  }
  return draws;
}

OneShotPick lewis_counted(const std::vector<std::int64_t>& draws, const std::vector<double>& t) {  // R3
  const double sum = std::accumulate(t.begin(), t.end(), 0.0);
  std::vector<double> weight(t.size(), 0);
  OneShotPick pick;
  for (const auto row : draws) {
    const auto i = static_cast<std::size_t>(row);
    if (weight[i] == 0) pick.ids.push_back(row);
    weight[i] += sum / (static_cast<double>(draws.size()) * t[i]);
  }
  for (const auto id : pick.ids) pick.weights.push_back(weight[static_cast<std::size_t>(id)]);
  return pick;
}

class Lewis final : public PoolMethod, public OneShotMethod {
 public:
  explicit Lewis(StrictObject& card) : p_(card.real("p")) {}

  OneShotPick pick(const OneShotView& view) override {
    return sample(view.features, view.budget, view.stream(), view.record);
  }

  Ids select(const RoundView& view) override {  // R4
    const auto detector = train_detector(view);
    const std::vector<torch::Tensor> features{view.target_outputs(view.unlabelled).z,
                                              view.ground->outputs(*detector, view.unlabelled).z,
                                              view.frozen->features().index_select(0, rows_of(view.unlabelled))};
    std::vector<torch::Tensor> representations;
    for (const auto& z : features) representations.push_back(torch::cat({z, torch::ones({z.size(0), 1})}, 1));
    Ids chosen;
    for (const auto row : sample(representations, view.budget, view.stream("method"), view.record).ids) {
      chosen.push_back(view.unlabelled[static_cast<std::size_t>(row)]);
    }
    return chosen;
  }

 private:
  OneShotPick sample(const std::vector<torch::Tensor>& representations, std::int64_t distinct, Stream stream,
                     const Record& record) const {
    const auto maxima = lewis_maxima(representations, p_);
    record("sum_of_maxima", std::accumulate(maxima.t.begin(), maxima.t.end(), 0.0));
    record("sum_of_ranks", maxima.sum_of_ranks);
    return lewis_counted(lewis_draws(maxima.t, distinct, stream), maxima.t);
  }

  double p_;
};

const Register<Lewis> lewis_registered{"lewis"};

}  // namespace assay::open_set_al
