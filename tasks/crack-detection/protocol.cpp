#include "crack-detection/protocol.hpp"

#include <stdexcept>

#include "crack-detection/run.hpp"

namespace assay::cracks {

const torch::Tensor& Privileged::test_mask(const Picture& picture) const {
  granted_.need("test_masks");
  if (!picture.test) throw std::logic_error("test_mask of a training picture");
  return test_truth_.at(static_cast<std::size_t>(picture.index));
}

CropLoader View::loader(std::int64_t corner_multiple) const {
  return {pictures, truth, schedule, corner_multiple, stream("order"), stream("augment"), device};
}

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask crack_detection_registered{Method::kTask, run};

}  // namespace

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
