// The k likeliest classes of an image are its pseudo-labels (CAP, Eq. 3).
//
// R1  k = the mean number of labels of a labelled image, rounded, at least 1.
// R2  yhat_jk = 1 for the k classes with the largest q_jk (of equal ones the first), else 0. All pairs are used.
#include <cmath>

#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

std::int64_t topk_of(const torch::Tensor& labels) {  // R1
  const double mean = positives(labels).sum().item<double>() / static_cast<double>(labels.size(0));
  return std::max<std::int64_t>(1, std::llround(mean));
}

torch::Tensor topk_positive(const torch::Tensor& q, std::int64_t k) {  // R2: bool [m, classes]
  const auto order = std::get<1>(q.sort(/*stable=*/true, 1, /*descending=*/true));
  return torch::zeros_like(q, torch::kBool).scatter(1, order.narrow(1, 0, k), true);
}

class Topk final : public Method {
 public:
  explicit Topk(StrictObject&) {}

  void fit(const View& view) override {
    train(view, [k = topk_of(view.labels)](const Beliefs& beliefs) {
      return all_used(topk_positive(beliefs.unlabelled, k));
    });
  }
};

const Register<Topk> topk_registered{"topk"};

}  // namespace assay::ssl_multi_label
