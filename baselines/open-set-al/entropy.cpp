// Entropy sampling: the images whose predicted class is least certain.
//
// R1  Score H(p) = -sum p log p of the target classifier's softmax; the largest are queried.
// R2  Federated: per client, by the global model or by the client's own.
// R3  One-shot: the mean of H over the models.
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/federated.hpp"
#include "open-set-al/one_shot.hpp"

namespace assay::open_set_al {

std::vector<double> entropy_scores(const torch::Tensor& logits) {
  return values_of(learn::entropy(torch::softmax(logits.to(torch::kFloat64), 1)));
}

std::vector<double> entropy_mean_scores(const std::vector<torch::Tensor>& probabilities) {  // R3
  auto sum = learn::entropy(probabilities.front().to(torch::kFloat64));
  for (std::size_t j = 1; j < probabilities.size(); ++j) {
    sum += learn::entropy(probabilities[j].to(torch::kFloat64));
  }
  return values_of(sum / static_cast<double>(probabilities.size()));
}

class Entropy final : public PoolMethod, public FederatedMethod, public OneShotMethod {
 public:
  explicit Entropy(StrictObject& card) : query_model_(read_query_model(card)) {}

  Ids select(const RoundView& view) override {
    return best_of(view, entropy_scores(view.target_outputs(view.unlabelled).logits.front()));
  }

  std::vector<Ids> query(const FederatedView& view) override {  // R2
    return at_each_client(view, query_model_, [&](const ClientView& client, learn::Headed& model, Stream) {
      const auto scores = entropy_scores(view.outputs(model, client.unlabelled).logits.front());
      return members(client.unlabelled, learn::top(scores, static_cast<std::size_t>(view.budget)));
    });
  }

  OneShotPick pick(const OneShotView& view) override {
    return {learn::top(entropy_mean_scores(view.probabilities), static_cast<std::size_t>(view.budget)), {}};
  }

 private:
  QueryModel query_model_;
};

const Register<Entropy> entropy_registered{"entropy"};

}  // namespace assay::open_set_al
