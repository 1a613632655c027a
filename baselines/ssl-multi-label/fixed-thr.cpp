// One threshold for all classes: "IAT" in CAP's tables (Eq. 4).
//
// R1  yhat_jk = [q_jk >= t]. All pairs are used.
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

class FixedThreshold final : public Method {
 public:
  explicit FixedThreshold(StrictObject& card) : t_(card.real("t")) {}

  void fit(const View& view) override {
    train(view, [t = t_](const Beliefs& beliefs) { return all_used(beliefs.unlabelled.ge(t)); });
  }

 private:
  double t_;
};

const Register<FixedThreshold> fixed_threshold_registered{"fixed-thr"};

}  // namespace assay::ssl_multi_label
