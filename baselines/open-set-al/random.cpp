// Images drawn at random: what every query strategy must beat.
//
// R1  Uniformly, without replacement, from what is unlabelled: of the pool, of each client, of the one-shot candidates.
// R2  One-shot: a larger budget continues the draws of a smaller one.
#include <numeric>

#include "learn/ranking.hpp"
#include "open-set-al/federated.hpp"
#include "open-set-al/one_shot.hpp"

namespace assay::open_set_al {

class Random final : public PoolMethod, public FederatedMethod, public OneShotMethod {
 public:
  explicit Random(StrictObject&) {}

  Ids select(const RoundView& view) override {
    auto stream = view.stream("method");
    return learn::draw(view.unlabelled, static_cast<std::size_t>(view.budget), stream);
  }

  std::vector<Ids> query(const FederatedView& view) override {
    std::vector<Ids> answers;
    for (std::size_t k = 0; k < view.clients.size(); ++k) {
      auto stream = view.stream("method", k);
      answers.push_back(learn::draw(view.clients[k].unlabelled, static_cast<std::size_t>(view.budget), stream));
    }
    return answers;
  }

  OneShotPick pick(const OneShotView& view) override {
    Ids candidates(static_cast<std::size_t>(view.size));
    std::iota(candidates.begin(), candidates.end(), std::int64_t{0});
    auto stream = view.stream();
    return {learn::draw(std::move(candidates), static_cast<std::size_t>(view.budget), stream), {}};
  }
};

const Register<Random> random_registered{"random"};

}  // namespace assay::open_set_al
