// Class-distribution-aware pseudo-labels (CAP: Xie, Xiao, Liu, Niu, Sugiyama and Huang, NeurIPS 2023). As many images
// get a label as its share among the labelled images says.
//
// R1  gamma_k = share of the labelled images that have label k; rho_k = 1 - gamma_k.
// R2  Once per epoch, m unlabelled images, K = floor(gamma_k m): yhat_jk = 1 where K >= 1 and q_jk is at least the K-th
//     largest of its class (ties: all of them), else 0 (Eq. 5 to 8).
// R3  Used are the pairs with q_jk at least the floor(eta1 gamma_k m)-th largest or at most the floor(eta0 rho_k m)-th
//     smallest. Where a number is 0 there are none.
// R4  1e-9 is added before every floor.
// R5  eta1 = eta0 = 1 without ties: as many positives as K, and all pairs are used up to flooring. An increasing map of
//     q changes nothing.
#include <cmath>

#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

namespace {

std::int64_t whole(double number) { return static_cast<std::int64_t>(std::floor(number + 1e-9)); }  // R4

// Of one class [m] in ascending order: the values from which on, and up to which, a number of them lie.
torch::Tensor at_least_largest(const torch::Tensor& q, const torch::Tensor& ascending, std::int64_t number) {
  if (number < 1) return torch::zeros_like(q, torch::kBool);
  return q.ge(ascending[ascending.size(0) - number]);
}

torch::Tensor at_most_smallest(const torch::Tensor& q, const torch::Tensor& ascending, std::int64_t number) {
  if (number < 1) return torch::zeros_like(q, torch::kBool);
  return q.le(ascending[number - 1]);
}

}  // namespace

// R2, R3. q: [m, classes]; gamma: float64 [classes].
PseudoLabels cap_labels(const torch::Tensor& q, const torch::Tensor& gamma, double eta1, double eta0) {
  const auto m = static_cast<double>(q.size(0));
  std::vector<torch::Tensor> labels, masks;
  for (std::int64_t k = 0; k < q.size(1); ++k) {
    const auto of_class = q.select(1, k);
    const auto ascending = std::get<0>(of_class.sort());
    const double share = gamma[k].item<double>();
    labels.push_back(at_least_largest(of_class, ascending, whole(share * m)));
    masks.push_back(at_least_largest(of_class, ascending, whole(eta1 * share * m))
                        .logical_or(at_most_smallest(of_class, ascending, whole(eta0 * (1 - share) * m))));
  }
  return {torch::stack(labels, 1).to(torch::kFloat32), torch::stack(masks, 1).to(torch::kFloat32)};
}

class Cap final : public Method {
 public:
  explicit Cap(StrictObject& card) : eta1_(card.real("eta1")), eta0_(card.real("eta0")) {}

  void fit(const View& view) override {
    const auto gamma =
        positives(view.labels).to(torch::kFloat64) / known(view.labels).to(torch::kFloat64).clamp_min(1);  // R1
    train(view, [gamma, eta1 = eta1_, eta0 = eta0_](const Beliefs& beliefs) {
      return cap_labels(beliefs.unlabelled, gamma, eta1, eta0);
    });
  }

 private:
  double eta1_, eta0_;
};

const Register<Cap> cap_registered{"cap"};

}  // namespace assay::ssl_multi_label
