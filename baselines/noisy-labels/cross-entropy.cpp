// Plain training on the given labels: what every other method is measured against.
//
// R1  The loss is the mean of -log p(given label); the recipe of the task as it stands.
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

class CrossEntropy final : public Method {
 public:
  explicit CrossEntropy(StrictObject&) {}

  Fit fit(const View& view) override {
    train(view, {.loss = cross_entropy});
    return {};
  }
};

const Register<CrossEntropy> cross_entropy_registered{"cross-entropy"};

}  // namespace assay::noisy_labels
