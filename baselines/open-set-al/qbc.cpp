// Query by committee (Seung, Opper and Sompolinsky, COLT 1992), with the divergence to the mean (McCallum and Nigam,
// ICML 1998), as in ALiPy (Tang, Li and Huang, 2019).
//
// R1  score(x) = sum_m KL(p_m(x) || mean_m p_m(x)) / M, natural logarithm. The b largest are asked for.
// R2  Pool protocol: C_t, and M - 1 further classifiers from other initial weights, each trained on a bootstrap sample
//     of L_k: |L_k| draws with replacement (Abe and Mamitsuka, ICML 1998).
// R3  One-shot protocol: the committee are the models; no weights.
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/one_shot.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

std::vector<double> qbc_disagreement(const std::vector<torch::Tensor>& probabilities) {  // R1
  const auto committee = torch::stack(probabilities).to(torch::kFloat64);
  const auto mean = committee.mean(0);
  auto sum = torch::zeros({committee.size(1)}, torch::kFloat64);
  for (const auto& member : committee.unbind()) sum += learn::kl_divergence(member, mean);
  return values_of(sum / committee.size(0));
}

Examples qbc_bootstrap(const Examples& examples, Stream stream) {  // R2
  Examples sample;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto row = stream.below(examples.size());
    sample.ids.push_back(examples.ids[row]);
    sample.labels.push_back(examples.labels[row]);
  }
  return sample;
}

class Qbc final : public PoolMethod, public OneShotMethod {
 public:
  explicit Qbc(StrictObject& card) : members_(card.integer("members")) {}

  Ids select(const RoundView& view) override {
    const auto p = [](const Outputs& outputs) { return outputs.logits.front().to(torch::kFloat64).softmax(1); };
    std::vector<torch::Tensor> committee{p(view.target_outputs(view.unlabelled))};
    for (std::int64_t i = 0; i + 1 < members_; ++i) {
      const auto net = view.ground->network({view.known_classes}, view.stream("init-aux", i));
      train(*net, *view.ground, qbc_bootstrap(view.known, view.stream("method", i)), view.schedule,
            view.aux_train_streams(i));
      committee.push_back(p(view.ground->outputs(*net, view.unlabelled)));
    }
    return best_of(view, qbc_disagreement(committee));
  }

  OneShotPick pick(const OneShotView& view) override {  // R3
    return {learn::top(qbc_disagreement(view.probabilities), static_cast<std::size_t>(view.budget)), {}};
  }

 private:
  std::int64_t members_;
};

const Register<Qbc> qbc_registered{"qbc"};

}  // namespace assay::open_set_al
