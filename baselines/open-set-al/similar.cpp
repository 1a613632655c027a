// SIMILAR (Kothawade, Beck, Killamsetty and Iyer, NeurIPS 2021) in its form for pools with unknown classes:
// facility-location conditional mutual information, as in the authors' library DISTIL.
//
// R1  s_ij is the cosine of gradient embeddings, with bias, in the last layer of a network with K + 1 outputs trained
//     on all answers; at the given label (K for "unknown") for labelled examples, at argmax p for others.
// R2  U' is a random part of U. F(A) = sum over i in U' of max(min(max_{j in A} s_ij, eta max_{q in L_k} s_iq)
//     - nu max_{r in L_u} s_ir, 0). The last term is 0 while L_u is empty.
// R3  Each term grows with max_{j in A} s_ij, so F is a facility location over v_ij = max(min(s_ij, eta ..) - nu ..,
//     0): monotone and submodular. Lazy greedy (Minoux, 1978) picks what greedy picks.
#include <algorithm>
#include <queue>

#include "learn/gradient_embedding.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

// R3: v float64 [n, n] of similarities s, and per row i the largest similarity to the query set and the private set.
torch::Tensor similar_values(const torch::Tensor& s, const torch::Tensor& to_query, const torch::Tensor& to_private,
                             double eta, double nu) {
  return (torch::minimum(s, eta * to_query.unsqueeze(1)) - nu * to_private.unsqueeze(1)).clamp_min(0);
}

// Maximises sum over i of max_{j in A} v_ij with |A| = m: positions j in the order picked; ties go to the smaller one.
std::vector<std::int64_t> similar_lazy_greedy(const torch::Tensor& v, std::int64_t m) {
  const auto of_candidate = v.t().contiguous();
  const auto n = v.size(0);
  std::vector<double> covered(static_cast<std::size_t>(n));  // max over A so far
  const auto row_of = [&](std::int64_t j) { return of_candidate.const_data_ptr<double>() + j * n; };
  const auto gain_of = [&](std::int64_t j) {
    const auto* row = row_of(j);
    double gain = 0;
    for (const auto c : covered) gain += std::max(*row++ - c, 0.0);
    return gain;
  };

  struct Candidate {
    double gain;  // at the time of `picks`: a bound from above ever after, rounding included
    std::int64_t j;
    std::size_t picks;
    bool operator<(const Candidate& other) const { return gain != other.gain ? gain < other.gain : j > other.j; }
  };
  std::priority_queue<Candidate> queue;
  for (std::int64_t j = 0; j < n; ++j) queue.push({gain_of(j), j, 0});
  std::vector<std::int64_t> picked;
  while (!queue.empty() && static_cast<std::int64_t>(picked.size()) < m) {
    auto best = queue.top();
    queue.pop();
    if (best.picks < picked.size()) {
      queue.push({gain_of(best.j), best.j, picked.size()});
      continue;
    }
    picked.push_back(best.j);
    const auto* row = row_of(best.j);
    for (auto& c : covered) c = std::max(c, *row++);
  }
  return picked;
}

class Similar final : public PoolMethod {
 public:
  explicit Similar(StrictObject& card)
      : subset_(static_cast<std::size_t>(card.integer("subset"))), eta_(card.real("eta")), nu_(card.real("nu")) {}

  Ids select(const RoundView& view) override {
    auto draws = view.stream("method");
    auto part = learn::draw(view.unlabelled, std::max(subset_, static_cast<std::size_t>(view.budget)), draws);
    std::sort(part.begin(), part.end());
    const auto net = train_detector(view);
    const auto candidates = embedding(view, *net, part, {});
    const auto query_set = embedding(view, *net, view.known.ids, rows_of(view.known.labels));
    const auto to_query = learn::cosines(candidates, query_set).amax(1);
    auto to_private = torch::zeros_like(to_query);
    if (!view.unknown.empty()) {
      const Ids labels(view.unknown.size(), view.known_classes);
      const auto private_set = embedding(view, *net, view.unknown, rows_of(labels));
      to_private = learn::cosines(candidates, private_set).amax(1);
    }
    const auto values = similar_values(learn::cosines(candidates, candidates), to_query, to_private, eta_, nu_);
    Ids query;
    for (const auto j : similar_lazy_greedy(values, view.budget)) query.push_back(part[static_cast<std::size_t>(j)]);
    return query;
  }

 private:
  static learn::GradientEmbedding embedding(const RoundView& view, learn::Headed& net, const Ids& ids,
                                            const torch::Tensor& labels) {  // R1
    const auto outputs = view.ground->outputs(net, ids);
    const auto p = outputs.logits[0].to(torch::kFloat64).softmax(1);
    return learn::gradient_embedding(p, outputs.z.to(torch::kFloat64), labels, /*bias=*/true);
  }

  std::size_t subset_;
  double eta_, nu_;
};

const Register<Similar> similar_registered{"similar"};

}  // namespace assay::open_set_al
