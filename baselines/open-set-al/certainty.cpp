// Certainty: the largest softmax probability as a sign of a known class (Hendrycks and Gimpel, ICLR 2017).
//
// R1  Score max p of the target classifier; the largest are queried. The reverse of least confidence.
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

class Certainty final : public PoolMethod {
 public:
  explicit Certainty(StrictObject&) {}

  Ids select(const RoundView& view) override {
    const auto logits = view.target_outputs(view.unlabelled).logits[0].to(torch::kFloat64);
    return best_of(view, values_of(logits.softmax(1).amax(1)));
  }
};

const Register<Certainty> certainty_registered{"certainty"};

}  // namespace assay::open_set_al
