#include "noisy-labels/protocol.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/errors.hpp"
#include "noisy-labels/run.hpp"

namespace assay::noisy_labels {

Privileged::Privileged(std::vector<std::string> granted, double noise_rate, torch::Tensor clean_labels)
    : granted_(std::move(granted)), noise_rate_(noise_rate), clean_labels_(std::move(clean_labels)) {}

void Privileged::need(const std::string& field) const {
  if (std::find(granted_.begin(), granted_.end(), field) != granted_.end()) return;
  throw DeclarationError({"privileged field not granted", "needs/privileged", "\"" + field + "\"", "nothing",
                          "list it on the method's card"});
}

double Privileged::noise_rate() const {
  need("noise_rate");
  return noise_rate_;
}

torch::Tensor Privileged::clean_labels() const {
  need("clean_labels");
  return clean_labels_;
}

Stream View::stream(const std::string& name, std::int64_t k) const {
  for (const auto* own : {"init", "order", "augment", "method"}) {
    if (name == own) return streams.stream(name + "/" + std::to_string(k));
  }
  throw std::logic_error("the stream " + name + " belongs to the protocol");
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
const RegisterTask noisy_labels_registered{"noisy-labels", run};

std::map<std::string, MakeMethod>& factories() {
  static std::map<std::string, MakeMethod> by_id;
  return by_id;
}

}  // namespace

void add_method(const std::string& id, const std::string& source, MakeMethod make) {
  Registry::instance().add_method({"noisy-labels", id, source});
  factories()[id] = std::move(make);
}

std::unique_ptr<Method> make_method(const std::string& id, const Json& parameters) {
  const auto found = factories().find(id);
  if (found == factories().end()) throw DeclarationError({"unknown method", "job", "a registered one", id, ""});
  StrictObject card(parameters, id, "parameters");
  auto method = found->second(card);
  card.done();
  return method;
}

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
