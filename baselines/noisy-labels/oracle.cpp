// The ceiling: plain training on the clean labels. Sees what no method may see.
//
// R1  The same images in the same order as cross-entropy, with the clean labels.
// R2  Images that show none of the classes are removed.
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

class Oracle final : public Method {
 public:
  explicit Oracle(StrictObject&) {}

  Fit fit(const View& view) override {
    const auto clean = view.privileged.clean_labels();
    const auto known = clean.ge(0).nonzero().squeeze(1);  // all rows where the noise is closed-set: the same order (R1)
    auto told = view;
    told.images = view.images.subset(known);
    told.labels = clean.index_select(0, known);
    train(told, {.loss = cross_entropy});
    return {};
  }
};

const Register<Oracle> oracle_registered{"oracle"};

}  // namespace assay::noisy_labels
