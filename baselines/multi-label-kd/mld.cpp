// MLD, the logit part of L2D (Yang et al., ICCV 2023, Eq. 3) alone: the divergence label by label, teacher first,
// without temperature. It is `kd` with tau = 1.
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

class Mld final : public Method {
 public:
  explicit Mld(StrictObject& card) : w_(card.real("w")) {}

  Predictor fit(const View& view) override {
    return train(
        view,
        {.student = view.student(), .loss = [w = w_](const Batch& batch, const Taps& student, const Taps& teacher) {
           return Losses{bce(student.z, batch.y), w * bkl(teacher.z, student.z).sum() / student.z.size(0)};
         }});
  }

 private:
  double w_;
};

const Register<Mld> mld_registered{"mld"};

}  // namespace assay::multi_label_kd
