// Guessing: scores drawn from the stream `method`.
//
// R1  Independent uniform scores, scaled to sum to one: 1/C right in expectation.
#include "learn/selection.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

class Random final : public Method {
 public:
  explicit Random(StrictObject&) {}

  Fit fit(const View& view) override {
    auto generator = learn::generator(view.stream("method").bits());
    const Classifier guess = [generator, classes = view.classes](const torch::Tensor& x) mutable {
      const auto scores = torch::rand({x.size(0), classes}, generator);
      return scores / scores.sum(1, /*keepdim=*/true);
    };
    view.record->epoch(1, 1, guess, {});
    return {};
  }
};

const Register<Random> random_registered{"random"};

}  // namespace assay::noisy_labels
