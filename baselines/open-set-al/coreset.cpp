// Core-set selection (Sener and Savarese, ICLR 2018, Algorithm 1): images far from all that is labelled.
//
// R1  Farthest first by Euclidean distance of features: the next pick is the image farthest from anchors and picks.
// R2  Pool: features of C_t; anchors are all labelled images, or the labelled known ones alone.
// R3  Federated: per client, features of the global model or of the client's own; anchors are the client's labelled.
// R4  One-shot: features of the first model; anchors are the images labelled at first.
#include "learn/k_center.hpp"
#include "open-set-al/federated.hpp"
#include "open-set-al/one_shot.hpp"

namespace assay::open_set_al {

class Coreset final : public PoolMethod, public FederatedMethod, public OneShotMethod {
 public:
  explicit Coreset(StrictObject& card)
      : unknown_anchors_(card.choice("anchors", {"all", "known"}) == "all"), query_model_(read_query_model(card)) {}

  Ids select(const RoundView& view) override {  // R2
    const auto anchors = unknown_anchors_ ? view.labelled().ids : view.known.ids;
    const auto rows =
        learn::k_center(view.target_outputs(view.unlabelled).z, view.target_outputs(anchors).z, view.budget);
    return members(view.unlabelled, rows);
  }

  std::vector<Ids> query(const FederatedView& view) override {  // R3
    return at_each_client(view, query_model_, [&](const ClientView& client, learn::Headed& model, Stream) {
      const auto anchors = view.outputs(model, client.labelled.ids).z;
      return members(client.unlabelled,
                     learn::k_center(view.outputs(model, client.unlabelled).z, anchors, view.budget));
    });
  }

  OneShotPick pick(const OneShotView& view) override {  // R4
    return {learn::k_center(view.features.front(), view.labelled_features.front(), view.budget), {}};
  }

 private:
  bool unknown_anchors_;
  QueryModel query_model_;
};

const Register<Coreset> coreset_registered{"coreset"};

}  // namespace assay::open_set_al
