#include "ssl-multi-label/protocol.hpp"

#include <cmath>

#include "multi-label-kd/labelled_data.hpp"
#include "ssl-multi-label/moving_average.hpp"
#include "ssl-multi-label/run.hpp"

namespace assay::ssl_multi_label {

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask ssl_multi_label_registered{Method::kTask, run};

torch::Tensor probabilities(const View& view, const Predictor& predictor, const Rows& rows) {
  constexpr std::size_t kAtOnce = 100;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (std::size_t from = 0; from < rows.size(); from += kAtOnce) {
    const auto to = std::min(rows.size(), from + kAtOnce);
    const Rows part(rows.begin() + static_cast<std::ptrdiff_t>(from), rows.begin() + static_cast<std::ptrdiff_t>(to));
    parts.push_back(predictor(view.images.plain(part)).sigmoid().to(torch::kCPU));
  }
  return torch::cat(parts);
}

Rows rows_at(const Rows& rows, const Rows& positions) {
  Rows chosen;
  for (const auto position : positions) chosen.push_back(rows.at(static_cast<std::size_t>(position)));
  return chosen;
}

// Deals the rows of each step. Which ones, and in which views, depends on the seed alone.
class Loader {
 public:
  explicit Loader(const View& view)
      : view_(view),
        labelled_(static_cast<std::int64_t>(view.labelled.size()), view.stream("order", 0)),
        unlabelled_(static_cast<std::int64_t>(view.unlabelled.size()), view.stream("order", 1)),
        augment_labelled_(view.stream("augment", 0)),
        augment_unlabelled_(view.stream("augment", 1)) {}

  Batch next(const PseudoLabels& pseudo) {
    Batch batch;
    batch.labelled = labelled_.deal(view_.schedule.labelled);
    batch.x = view_.images.strong(rows_at(view_.labelled, batch.labelled), augment_labelled_);
    batch.y = view_.labels.index_select(0, torch::tensor(batch.labelled)).to(view_.device);
    if (!pseudo.labels.defined()) return batch;
    batch.unlabelled = unlabelled_.deal(view_.schedule.unlabelled);
    const auto x = view_.images.strong(rows_at(view_.unlabelled, batch.unlabelled), augment_unlabelled_);
    batch.x = torch::cat({batch.x, x});
    const auto positions = torch::tensor(batch.unlabelled);
    batch.pseudo = {pseudo.labels.index_select(0, positions).to(view_.device),
                    pseudo.mask.index_select(0, positions).to(view_.device)};
    return batch;
  }

 private:
  const View& view_;
  Deck labelled_, unlabelled_;
  Stream augment_labelled_, augment_unlabelled_;
};

double value_of(const torch::Tensor& loss, std::int64_t epoch) {
  const double value = loss.item<double>();
  if (!std::isfinite(value)) {
    throw NonFinite("the loss is " + std::to_string(value) + " in epoch " + std::to_string(epoch));
  }
  return value;
}

}  // namespace

const torch::Tensor& Privileged::unlabelled_labels() const {
  granted_.need("unlabelled_labels");
  return unlabelled_labels_;
}

learn::OneCycleRecipe Schedule::recipe(std::int64_t steps_of_cycle) const {
  learn::OneCycleRecipe made;
  made.cycle.max = learning_rate;
  made.cycle.steps = steps_of_cycle;
  made.weight_decay = weight_decay;
  made.decoupled = true;
  return made;
}

learn::OneCycleRecipe Schedule::training_recipe() const {
  return recipe(steps * (code_anneal ? warm_epochs + epochs : epochs));
}

void train(const View& view, const Plan& plan) {
  const auto& schedule = view.schedule;
  learn::OneCycleAdam optimiser(plan.trained.module->parameters(), schedule.training_recipe());
  MovingAverage average(*plan.trained.module, *plan.averaged.module, schedule.average);
  Loader loader(view);
  for (std::int64_t epoch = 1; epoch <= schedule.epochs; ++epoch) {
    PseudoLabels pseudo;
    if (plan.label) {
      const auto& predictor = plan.averaged.logits;
      pseudo = plan.label({probabilities(view, predictor, view.unlabelled),
                           [&] { return probabilities(view, predictor, view.labelled); }});
    }
    double sum = 0;
    plan.trained.module->train();
    for (std::int64_t step = 0; step < schedule.steps; ++step) {
      const auto loss = plan.loss(loader.next(pseudo));
      sum += value_of(loss, epoch);
      optimiser.zero_grad();
      loss.backward();
      optimiser.step();
      average.update();
    }
    view.record->epoch(epoch, schedule.epochs,
                       {plan.averaged.logits, plan.trained.logits, plan.image_head,
                        sum / static_cast<double>(schedule.steps), pseudo});
  }
}

void train(const View& view, const PseudoLabeller& label) {
  const auto model = [&](std::shared_ptr<learn::LabelNet> net) {
    return Model{net, [net](const torch::Tensor& x) {
                   net->eval();
                   return net->forward(x).z;
                 }};
  };
  const auto net = view.warm();
  train(view, {.trained = model(net), .averaged = model(view.warm()), .label = label, .loss = [&](const Batch& batch) {
                 return loss_of(view.loss, net->forward(batch.x).z, batch);
               }});
}

torch::Tensor loss_of(const BaseLoss& loss, const torch::Tensor& z, const Batch& batch) {
  const auto n = batch.y.size(0);
  const auto labelled = loss(z.narrow(0, 0, n), batch.y);
  if (!batch.pseudo.labels.defined()) return labelled;
  return labelled + loss(z.narrow(0, n, z.size(0) - n), batch.pseudo.labels, batch.pseudo.mask);
}

PseudoLabels all_used(const torch::Tensor& positive) {
  const auto labels = positive.to(torch::kFloat32);
  return {labels, torch::ones_like(labels)};
}

torch::Tensor positives(const torch::Tensor& labels) { return labels.eq(1).to(torch::kFloat32).sum(0); }

torch::Tensor known(const torch::Tensor& labels) { return labels.ne(multi_label::kUnknown).to(torch::kFloat32).sum(0); }

}  // namespace assay::ssl_multi_label
