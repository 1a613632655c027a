// Co-teaching (Han, Yao, Yu, Niu, Xu, Hu, Tsang and Sugiyama, NeurIPS 2018).
//
// R1  Two networks see the same batches. Each ranks the batch by its own loss and keeps the floor(R(e) B) smallest.
// R2  R(e) = 1 - tau min(e / T_k, 1), e from 0; tau is the expected share of wrong labels.
// R3  A network's loss is the mean cross entropy over the samples that the OTHER one kept.
// R4  The first network is the classifier, or the mean of both (ensemble).
// R5  tau = 0 is two independent runs of cross-entropy; the classifier is the first.
#include <cmath>

#include "learn/selection.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor co_teaching_kept(const torch::Tensor& logits, const torch::Tensor& labels, double rate) {
  using torch::nn::functional::CrossEntropyFuncOptions;
  const auto losses =
      torch::nn::functional::cross_entropy(logits.detach(), labels, CrossEntropyFuncOptions().reduction(torch::kNone));
  return learn::smallest(losses, rate);
}

class CoTeaching final : public Method {
 public:
  explicit CoTeaching(StrictObject& card) : ramp_(card.real("ramp")), ensemble_(card.flag_or("ensemble", false)) {}

  Fit fit(const View& view) override {
    const double tau = view.privileged.noise_rate();
    const auto ramp = std::max<std::int64_t>(1, std::lround(ramp_ * static_cast<double>(view.recipe.epochs)));
    const auto net1 = view.network(0), net2 = view.network(1);
    learn::PlainRule rule1(*net1, view.recipe), rule2(*net2, view.recipe);
    auto loader = view.loader();
    const auto first = softmax_of(net1), second = softmax_of(net2);
    const Classifier both = [&](const torch::Tensor& x) { return (first(x) + second(x)) / 2; };

    const auto steps = loader.steps_per_epoch();
    for (std::int64_t epoch = 0; epoch < view.recipe.epochs; ++epoch) {
      net1->train();
      net2->train();
      const double rate = learn::keep_rate(epoch, tau, ramp);
      auto selected = torch::zeros({view.labels.size(0)}, torch::kBool);
      double sum = 0;
      for (std::int64_t i = 0; i < steps; ++i) {
        const auto batch = loader.next();
        const double t = static_cast<double>(batch.step) / static_cast<double>(steps * view.recipe.epochs);
        const learn::Progress progress{t, epoch, view.recipe.epochs, learn::cosine(view.recipe.learning_rate, t)};
        const auto logits1 = net1->forward(batch.x).logits, logits2 = net2->forward(batch.x).logits;
        const auto kept1 = co_teaching_kept(logits1, batch.y, rate), kept2 = co_teaching_kept(logits2, batch.y, rate);
        sum += rule1.step([&](const Batch&) { return on_rows(logits1, batch, kept2); }, batch, progress);  // R3
        rule2.step([&](const Batch&) { return on_rows(logits2, batch, kept1); }, batch, progress);
        selected.index_fill_(0, batch.index.index_select(0, kept2.to(torch::kCPU)), true);
      }
      view.record->epoch(epoch + 1, view.recipe.epochs, ensemble_ ? both : first,
                         {sum / static_cast<double>(steps), selected});
    }
    return {};
  }

 private:
  static learn::Scored on_rows(const torch::Tensor& logits, const Batch& batch, const torch::Tensor& rows) {
    return {torch::nn::functional::cross_entropy(logits.index_select(0, rows), batch.y.index_select(0, rows)), {}};
  }

  double ramp_;
  bool ensemble_;
};

const Register<CoTeaching> co_teaching_registered{"co-teaching"};

}  // namespace assay::noisy_labels
