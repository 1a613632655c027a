// Generalised cross entropy (Zhang and Sabuncu, NeurIPS 2018): between cross entropy and mean absolute error.
//
// R1  loss_i = (1 - p_i^q) / q, where p_i is the softmax probability of the given label, at least 1e-7 (Eq. 6).
// R2  q = 0 stands for the limit, cross entropy; q = 1 is 1 - p_i.
// R3  Computed as -expm1(q log p_i) / q: the same value, and accurate where q log p_i is small.
#include <cmath>

#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor gce_loss(const torch::Tensor& logits, const torch::Tensor& labels, double q) {
  if (q == 0) return torch::nn::functional::cross_entropy(logits, labels);  // R2
  const auto log_p = logits.log_softmax(1).gather(1, labels.unsqueeze(1)).clamp_min(std::log(1e-7));
  return -((q * log_p).expm1() / q).mean();
}

class Gce final : public Method {
 public:
  explicit Gce(StrictObject& card) : q_(card.real("q")) {}

  Fit fit(const View& view) override {
    train(view,
          {.loss = [q = q_](const torch::Tensor& logits, const Batch& batch) { return gce_loss(logits, batch.y, q); }});
    return {};
  }

 private:
  double q_;
};

const Register<Gce> gce_registered{"gce"};

}  // namespace assay::noisy_labels
