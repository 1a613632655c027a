// Dual-decoupling learning with metric-adaptive thresholds (D2L-MAT: Xiao, Xie, Fan, Niu, Sugiyama and Huang, ECCV
// 2024). Written from the released code.
//
// R1  One trunk and encoder with four heads: h1 (image) and h2 (patches) learn from labelled rows, h3 (image) and h4
//     (patches) from pseudo-labels. Patches: the quarters of an image. J(l) = sum over patches p of softmax_p(l) l.
// R2  Starts from a warm-up of its own: loss(h1(x), y) + loss(J(h2(patches)), y) on labelled strong views; then h3 = h1
//     and h4 = h2.
// R3  Once per epoch, averaged model, plain views: q = sigmoid((h1(x) + J(h2(patches))) / 2).
// R4  theta_k: the first of 0, .01, .., .99 with the largest F_beta of [q >= theta] on the labelled rows; 1.01 for a
//     class without labelled positives (f_beta.hpp). yhat_jk = [q_jk >= theta_k]; all pairs are used.
// R5  A step, on strong views, of patches each with its own: L = loss(h1(x_l), y) + loss(h3(x_u), yhat)
//     + loss(J(h2(patches_l)), y) + loss(J(h4(patches_u)), yhat).
// R6  The answer is (h1 + J(h2)) / 2: five forward passes per image.
#include "ssl-multi-label/f_beta.hpp"
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

// R5, the loss of image logits or of joined patch logits: labelled rows by one head, unlabelled ones by the other.
// e: [rows, ...], labelled first.
template <typename Logits>
torch::Tensor d2l_mat_loss(const BaseLoss& loss, const torch::Tensor& e, std::int64_t labelled, const Batch& batch,
                           const Logits& logits, learn::LabelHead of_labelled, learn::LabelHead of_unlabelled) {
  return loss(logits(of_labelled, e.narrow(0, 0, labelled)), batch.y) +
         loss(logits(of_unlabelled, e.narrow(0, labelled, e.size(0) - labelled)), batch.pseudo.labels,
              batch.pseudo.mask);
}

class D2lMat final : public Method {
 public:
  explicit D2lMat(StrictObject& card) : f_(card) {}

  void fit(const View& view) override {
    const auto net = view.warm_dual(), averaged = view.warm_dual();
    auto augment = view.stream("method");
    Plan plan;
    plan.trained = model(net);
    plan.averaged = model(averaged);
    plan.label = [f = f_, labels = view.labels](const Beliefs& beliefs) {
      return all_used(beliefs.unlabelled.ge(best_thresholds(beliefs.labelled(), labels, f)));  // R4
    };
    plan.loss = [&](const Batch& batch) {  // R5
      const auto n = batch.y.size(0);
      const auto image = d2l_mat_loss(
          view.loss, net->embeddings(batch.x), n, batch,
          [](learn::LabelHead& head, const torch::Tensor& e) { return head->forward(e); }, net->h1(), net->h3);
      const auto patch = net->embeddings(view.images.strong_patches(rows_of(view, batch), augment));
      return image + d2l_mat_loss(view.loss, patch, n * kPatches, batch, joint_of, net->h2, net->h4);
    };
    plan.image_head = [averaged](const torch::Tensor& x) {
      averaged->eval();
      return averaged->net->forward(x).z;
    };
    train(view, plan);
  }

 private:
  static Model model(std::shared_ptr<DualNet> net) {
    return {net, [net](const torch::Tensor& x) {  // R3, R6
              net->eval();
              return net->logits(x);
            }};
  }

  static Rows rows_of(const View& view, const Batch& batch) {
    Rows rows;
    for (const auto position : batch.labelled) rows.push_back(view.labelled.at(static_cast<std::size_t>(position)));
    for (const auto position : batch.unlabelled) rows.push_back(view.unlabelled.at(static_cast<std::size_t>(position)));
    return rows;
  }

  FBeta f_;
};

const Register<D2lMat> d2l_mat_registered{"d2l-mat"};

}  // namespace assay::ssl_multi_label
