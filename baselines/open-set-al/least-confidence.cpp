// Uncertainty sampling by least confidence (Lewis and Gale, SIGIR 1994).
//
// R1  Score 1 - max p of the target classifier; the largest are queried.
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

class LeastConfidence final : public PoolMethod {
 public:
  explicit LeastConfidence(StrictObject&) {}

  Ids select(const RoundView& view) override {
    const auto logits = view.target_outputs(view.unlabelled).logits[0].to(torch::kFloat64);
    return best_of(view, values_of(learn::least_confidence(logits.softmax(1))));
  }
};

const Register<LeastConfidence> least_confidence_registered{"least-confidence"};

}  // namespace assay::open_set_al
