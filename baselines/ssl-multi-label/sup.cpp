// The labelled part alone: the shared warm-up model is trained on, with the labelled rows of each step.
//
// R1  L = mean over the labelled rows of the base loss, on strong views. Unlabelled rows are never looked at.
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

class Sup final : public Method {
 public:
  explicit Sup(StrictObject&) {}

  void fit(const View& view) override { train(view, PseudoLabeller{}); }
};

const Register<Sup> sup_registered{"sup"};

}  // namespace assay::ssl_multi_label
