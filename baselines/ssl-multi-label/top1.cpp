// The likeliest class of an image is its pseudo-label (CAP, Eq. 2).
//
// R1  yhat_jk = 1 for the class with the largest q_jk (of equal ones the first), else 0. All pairs are used.
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

torch::Tensor top1_positive(const torch::Tensor& q) {  // R1: bool [m, classes]
  return torch::one_hot(q.argmax(1), q.size(1)).to(torch::kBool);
}

class Top1 final : public Method {
 public:
  explicit Top1(StrictObject&) {}

  void fit(const View& view) override {
    train(view, [](const Beliefs& beliefs) { return all_used(top1_positive(beliefs.unlabelled)); });
  }
};

const Register<Top1> top1_registered{"top1"};

}  // namespace assay::ssl_multi_label
