#include "noisy-labels/protocol.hpp"

#include "noisy-labels/run.hpp"

namespace assay::noisy_labels {

double Privileged::noise_rate() const {
  granted_.need("noise_rate");
  return noise_rate_;
}

torch::Tensor Privileged::clean_labels() const {
  granted_.need("clean_labels");
  return clean_labels_;
}

std::shared_ptr<learn::Net> View::network(std::int64_t k) const {
  auto net = learn::make_network(network_id, images.shape(), classes, stream("init", k));
  net->count_in(work);
  net->to(device);
  return net;
}

learn::Loader View::loader(std::int64_t k) const {
  return {images, labels, recipe.batch, augmentation, stream("order", k), stream("augment", k), device};
}

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask noisy_labels_registered{Method::kTask, run};

}  // namespace

torch::Tensor cross_entropy(const torch::Tensor& logits, const Batch& batch) {
  return torch::nn::functional::cross_entropy(logits, batch.y);
}

Classifier softmax_of(std::shared_ptr<learn::Net> net) {
  return [net = std::move(net)](const torch::Tensor& x) {
    net->eval();
    return net->forward(x).logits.softmax(1);
  };
}

std::shared_ptr<learn::Net> train(const View& view, const Plan& plan) {
  const auto net = view.network();
  const auto classifier = softmax_of(net);
  const auto rule = plan.rule(*net, view.recipe);
  auto loader = view.loader();
  learn::Loop loop;
  loop.score = [&](const Batch& batch) {
    const auto logits = net->forward(batch.x).logits;
    return learn::Scored{plan.loss(logits, batch), logits};
  };
  loop.prepare = plan.prepare;
  loop.end = [&](std::int64_t epoch, double mean_loss) {
    view.record->epoch(epoch + 1, view.recipe.epochs, classifier, {mean_loss, plan.selected()});
  };
  learn::train(*net, loader, *rule, view.recipe, loop);
  return net;
}

}  // namespace assay::noisy_labels
