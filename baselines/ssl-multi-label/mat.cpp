// Metric-adaptive thresholds alone: the ablation of D2L-MAT with one head, the shared warm-up and whole images.
//
// R1  Once per epoch, on the labelled rows, plain: theta_k = the first of 0, .01, .., .99 with the largest F_beta of
//     [q_ik >= theta]; 1.01 for a class without labelled positives (f_beta.hpp).
// R2  yhat_jk = [q_jk >= theta_k]. All pairs are used.
#include "ssl-multi-label/f_beta.hpp"
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

class Mat final : public Method {
 public:
  explicit Mat(StrictObject& card) : f_(card) {}

  void fit(const View& view) override {
    train(view, [f = f_, labels = view.labels](const Beliefs& beliefs) {
      return all_used(beliefs.unlabelled.ge(best_thresholds(beliefs.labelled(), labels, f)));
    });
  }

 private:
  FBeta f_;
};

const Register<Mat> mat_registered{"mat"};

}  // namespace assay::ssl_multi_label
