// The student alone: binary cross-entropy, sum over labels, mean over images.
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

class StudentAlone final : public Method {
 public:
  explicit StudentAlone(StrictObject&) {}

  Predictor fit(const View& view) override {
    return train(
        view,
        {.student = view.student(), .taught = false, .loss = [](const Batch& batch, const Taps& student, const Taps&) {
           return Losses{bce(student.z, batch.y), {}};
         }});
  }
};

const Register<StudentAlone> student_registered{"student"};

}  // namespace assay::multi_label_kd
