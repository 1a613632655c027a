// Margin sampling (Scheffer, Decomain and Wrobel, IDA 2001): the images whose two likeliest classes are nearly alike.
//
// R1  Score 1 - (p_(1) - p_(2)) of the target classifier's softmax; the largest are queried.
// R2  Federated: per client, by the global model or by the client's own.
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/federated.hpp"

namespace assay::open_set_al {

std::vector<double> margin_scores(const torch::Tensor& logits) {
  return values_of(learn::margin_uncertainty(torch::softmax(logits.to(torch::kFloat64), 1)));
}

class Margin final : public PoolMethod, public FederatedMethod {
 public:
  explicit Margin(StrictObject& card) : query_model_(read_query_model(card)) {}

  Ids select(const RoundView& view) override {
    return best_of(view, margin_scores(view.target_outputs(view.unlabelled).logits.front()));
  }

  std::vector<Ids> query(const FederatedView& view) override {  // R2
    return at_each_client(view, query_model_, [&](const ClientView& client, learn::Headed& model, Stream) {
      const auto scores = margin_scores(view.outputs(model, client.unlabelled).logits.front());
      return members(client.unlabelled, learn::top(scores, static_cast<std::size_t>(view.budget)));
    });
  }

 private:
  QueryModel query_model_;
};

const Register<Margin> margin_registered{"margin"};

}  // namespace assay::open_set_al
