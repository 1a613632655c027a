// BADGE (Ash, Zhang, Krishnamurthy, Langford and Agarwal, ICLR 2020): k-means++ seeding in the space of the last
// layer's gradients, which are long where the model is unsure and point apart where images differ.
//
// R1  g(x) = (onehot(y^) - p) outer z at the predicted label y^, without the bias.
// R2  The first pick has the longest g.
// R3  D2 = squared distance to the nearest pick; the next pick is drawn with probability D2 / sum D2 (stream `method`).
// R4  Where all D2 are 0, what is missing is drawn uniformly.
// R5  Federated: per client, by the global model or by the client's own.
#include <algorithm>

#include "learn/gradient_embedding.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/federated.hpp"

namespace assay::open_set_al {

learn::GradientEmbedding badge_embedding(const Outputs& outputs) {  // R1
  return learn::gradient_embedding(torch::softmax(outputs.logits.front().to(torch::kFloat64), 1), outputs.z);
}

// Squared distances of all to the pick. The factored form leaves a rounding error where two are equal: that is 0.
std::vector<double> badge_distances(const learn::GradientEmbedding& g, std::int64_t pick) {
  constexpr double kRounding = 1e-12;
  const auto to_pick = g.rows(torch::full({1}, pick, torch::kInt64));
  const auto distance = learn::squared_distances(g, to_pick).squeeze(1);
  return values_of(distance.masked_fill(distance <= kRounding * (g.norm + to_pick.norm), 0));
}

std::vector<std::int64_t> badge_picks(const learn::GradientEmbedding& g, std::int64_t budget, Stream& stream) {
  const auto m = static_cast<std::size_t>(std::min(budget, g.norm.size(0)));
  auto picks = learn::top(values_of(g.norm), std::min<std::size_t>(m, 1));  // R2
  std::vector<double> nearest(static_cast<std::size_t>(g.norm.size(0)), std::numeric_limits<double>::infinity());
  while (picks.size() < m) {
    const auto distances = badge_distances(g, picks.back());
    for (std::size_t i = 0; i < nearest.size(); ++i) nearest[i] = std::min(nearest[i], distances[i]);
    nearest[static_cast<std::size_t>(picks.back())] = 0;
    if (std::all_of(nearest.begin(), nearest.end(), [](double d2) { return d2 == 0; })) break;
    picks.push_back(static_cast<std::int64_t>(learn::draw_weighted(nearest, stream)));  // R3
  }
  std::vector<std::int64_t> others;
  for (std::int64_t i = 0; i < g.norm.size(0) && picks.size() < m; ++i) {
    if (std::find(picks.begin(), picks.end(), i) == picks.end()) others.push_back(i);
  }
  for (const auto other : learn::draw(others, m - picks.size(), stream)) picks.push_back(other);  // R4
  return picks;
}

class Badge final : public PoolMethod, public FederatedMethod {
 public:
  explicit Badge(StrictObject& card) : query_model_(read_query_model(card)) {}

  Ids select(const RoundView& view) override {
    auto stream = view.stream("method");
    const auto g = badge_embedding(view.target_outputs(view.unlabelled));
    return members(view.unlabelled, badge_picks(g, view.budget, stream));
  }

  std::vector<Ids> query(const FederatedView& view) override {  // R5
    return at_each_client(view, query_model_, [&](const ClientView& client, learn::Headed& model, Stream stream) {
      const auto g = badge_embedding(view.outputs(model, client.unlabelled));
      return members(client.unlabelled, badge_picks(g, view.budget, stream));
    });
  }

 private:
  QueryModel query_model_;
};

const Register<Badge> badge_registered{"badge"};

}  // namespace assay::open_set_al
