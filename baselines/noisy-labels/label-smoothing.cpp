// Label smoothing (Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, CVPR 2016, section 7).
//
// R1  The target is (1 - epsilon) onehot(y) + epsilon / C: the true class has its share of epsilon, too.
// R2  epsilon = 0 is cross-entropy.
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor label_smoothing_loss(const torch::Tensor& logits, const torch::Tensor& labels, double epsilon) {
  using torch::nn::functional::CrossEntropyFuncOptions;
  return torch::nn::functional::cross_entropy(logits, labels, CrossEntropyFuncOptions().label_smoothing(epsilon));
}

class LabelSmoothing final : public Method {
 public:
  explicit LabelSmoothing(StrictObject& card) : epsilon_(card.real("epsilon")) {}

  Fit fit(const View& view) override {
    train(view, {.loss = [epsilon = epsilon_](const torch::Tensor& logits, const Batch& batch) {
            return label_smoothing_loss(logits, batch.y, epsilon);
          }});
    return {};
  }

 private:
  double epsilon_;
};

const Register<LabelSmoothing> label_smoothing_registered{"label-smoothing"};

}  // namespace assay::noisy_labels
