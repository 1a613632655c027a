#include "multi-label-kd/protocol.hpp"

#include <cmath>
#include <limits>

#include "multi-label-kd/loader.hpp"
#include "multi-label-kd/run.hpp"

namespace assay::multi_label_kd {

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask multi_label_kd_registered{Method::kTask, run};

void set_training(const Plan& plan, bool training) {
  plan.student->train(training);
  for (const auto& module : plan.along) module->train(training);
}

std::vector<torch::Tensor> trained(const Plan& plan, torch::Device device) {
  std::vector<torch::Tensor> all;
  const auto add = [&](torch::nn::Module& module) {
    module.to(device);
    for (const auto& parameter : module.parameters()) all.push_back(parameter);
  };
  add(*plan.student);
  for (const auto& module : plan.along) add(*module);
  return all;
}

double value_of(const torch::Tensor& loss) {
  const double value = loss.item<double>();
  if (!std::isfinite(value)) throw NonFinite("the loss is " + std::to_string(value));
  return value;
}

// One epoch; means of the losses.
Recorder::Losses train_epoch(const View& view, const Plan& plan, Loader& loader, learn::OneCycleAdam& optimiser) {
  Recorder::Losses sums{0, plan.taught ? 0 : std::numeric_limits<double>::quiet_NaN()};
  const auto steps = loader.steps_per_epoch();
  set_training(plan, true);
  for (std::int64_t step = 0; step < steps; ++step) {
    const auto batch = loader.next();
    const auto losses =
        plan.loss(batch, plan.student->forward(batch.x), plan.taught ? view.teacher().of(batch, plan.maps) : Taps{});
    sums.task += value_of(losses.task);
    if (losses.distillation.defined()) sums.distillation += value_of(losses.distillation);
    optimiser.zero_grad();
    plan.backward(losses);
    optimiser.step();
  }
  return {sums.task / static_cast<double>(steps), sums.distillation / static_cast<double>(steps)};
}

}  // namespace

learn::TapSizes View::student_sizes() const { return learn::tap_sizes(*student(), shape); }

Predictor logits_of(std::shared_ptr<learn::LabelNet> net) {
  return [net = std::move(net)](const torch::Tensor& x) {
    net->eval();
    return net->forward(x).z;
  };
}

Predictor train(const View& view, const Plan& plan) {
  learn::OneCycleAdam optimiser(trained(plan, view.device), view.schedule.recipe);
  Loader loader(view);
  const auto predictor = logits_of(plan.student);
  for (std::int64_t epoch = 1; epoch <= view.schedule.epochs; ++epoch) {
    view.record->epoch(epoch, view.schedule.epochs, predictor, train_epoch(view, plan, loader, optimiser));
  }
  return predictor;
}

torch::Tensor bce(const torch::Tensor& z, const torch::Tensor& y) {
  const auto losses = torch::binary_cross_entropy_with_logits(z, y, {}, {}, torch::Reduction::None);
  return (losses * y.ne(multi_label::kUnknown)).sum() / z.size(0);
}

torch::Tensor bkl(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sigmoid() * (a - b) + torch::softplus(b) - torch::softplus(a);
}

}  // namespace assay::multi_label_kd
