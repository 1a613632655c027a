// Sharpness-Aware Minimization (Foret, Kleiner, Mobahi and Neyshabur, ICLR 2021).
//
// R1  e = rho g(w) / |g(w)| over all weights (Eq. 2); no gradient goes through e.
// R2  SGD at w along g(w + e), on the same batch (Algorithm 1). Weight decay acts at w.
// R3  rho = 0 is cross-entropy.
// R1 to R3 are learn/sharpness.hpp's, since other tasks train by them, too.
#include "learn/sharpness.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

class Sam final : public Method {
 public:
  explicit Sam(StrictObject& card) : rho_(card.real("rho")) {}

  Fit fit(const View& view) override {
    train(view, {.loss = cross_entropy, .rule = learn::sam_rule(rho_)});
    return {};
  }

 private:
  double rho_;
};

const Register<Sam> sam_registered{"sam"};

}  // namespace assay::noisy_labels
