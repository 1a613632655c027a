#include "crack-detection/protocol.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/errors.hpp"
#include "crack-detection/run.hpp"

namespace assay::cracks {

Privileged::Privileged(std::vector<std::string> granted, std::vector<torch::Tensor> test_truth)
    : granted_(std::move(granted)), test_truth_(std::move(test_truth)) {}

const torch::Tensor& Privileged::test_mask(const Picture& picture) const {
  if (std::find(granted_.begin(), granted_.end(), "test_masks") == granted_.end()) {
    throw DeclarationError({"privileged field not granted", "needs/privileged", "\"test_masks\"", "nothing",
                            "list it on the method's card"});
  }
  if (!picture.test) throw std::logic_error("test_mask of a training picture");
  return test_truth_.at(static_cast<std::size_t>(picture.index));
}

Stream View::stream(const std::string& name, std::int64_t k) const {
  for (const auto* own : {"init", "order", "augment", "method"}) {
    if (name == own) return streams.stream(name + "/" + std::to_string(k));
  }
  throw std::logic_error("the stream " + name + " belongs to the protocol");
}

CropLoader View::loader(std::int64_t corner_multiple) const {
  return {pictures, truth, schedule, corner_multiple, stream("order"), stream("augment"), device};
}

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask crack_detection_registered{"crack-detection", run};

std::map<std::string, MakeMethod>& factories() {
  static std::map<std::string, MakeMethod> by_id;
  return by_id;
}

}  // namespace

void add_method(const std::string& id, const std::string& source, MakeMethod make) {
  Registry::instance().add_method({"crack-detection", id, source});
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

torch::Tensor mean_bce(const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto judged = labels.ne(0.5);
  if (judged.all().item<bool>()) return torch::binary_cross_entropy_with_logits(logits, labels);
  const auto losses = torch::binary_cross_entropy_with_logits(logits, labels, {}, {}, torch::Reduction::None);
  return (losses * judged).sum() / judged.sum().clamp_min(1);
}

Predictor sigmoid_of_last(const View& view, const MapNetwork& network) {
  return [network, device = view.device](const Picture& picture) {
    network.module->eval();
    const auto x = picture.x.to(device);
    return learn::up(network.maps(x).back(), x).sigmoid()[0][0];
  };
}

Predictor train(const View& view, const Plan& plan) {
  const auto& schedule = view.schedule;
  const auto predictor = sigmoid_of_last(view, plan.network);
  const auto rule = plan.rule(*plan.network.module, schedule.recipe);
  auto loader = view.loader(plan.corner_multiple);
  const learn::Score score = [&](const Batch& batch) {
    return learn::Scored{plan.loss(plan.network.maps(batch.x), batch), {}};
  };
  double sum = 0;
  std::int64_t since = 0, scored = 0;
  for (std::int64_t step = 0; step < schedule.steps; ++step) {
    plan.network.module->train();
    const double t = static_cast<double>(step) / static_cast<double>(schedule.steps);
    sum += rule->step(score, loader.next(), {t, step, schedule.steps, schedule.learning_rate(step)});
    ++since;
    if ((step + 1) * schedule.checkpoints / schedule.steps > scored) {
      ++scored;
      view.record->checkpoint(scored, schedule.checkpoints, predictor, sum / static_cast<double>(since));
      sum = 0, since = 0;
    }
  }
  return predictor;
}

}  // namespace assay::cracks
