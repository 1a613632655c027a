#include "open-set-al/training.hpp"

#include <algorithm>
#include <cmath>

#include "learn/training.hpp"
#include "learn/update_rule.hpp"

namespace assay::open_set_al {

double Schedule::learning_rate_at(double t) const {
  if (cosine) return learn::cosine(learning_rate, t);
  constexpr double kRounding =
      1e-9;  // 60 of 200 epochs is one part of 0.3, though binary fractions may say a little less
  return learning_rate * std::pow(decay_by, std::floor(t / decay_at + kRounding));
}

std::int64_t Schedule::steps_on(std::int64_t examples) const {
  if (steps > 0) return steps;
  return std::max<std::int64_t>(1, epochs * (examples / std::min(batch, examples)));
}

Schedule Schedule::with_steps(std::int64_t other) const {
  auto changed = *this;
  changed.steps = other;
  return changed;
}

Schedule read_schedule(StrictObject& budget) {
  Schedule schedule;
  schedule.steps = budget.integer("steps");
  schedule.epochs = budget.integer("epochs");
  schedule.batch = budget.integer("batch");
  schedule.learning_rate = budget.real("learning_rate");
  schedule.momentum = budget.real("momentum");
  schedule.weight_decay = budget.real("weight_decay");
  schedule.cosine = budget.choice("decay", {"cosine", "steps"}) == "cosine";
  schedule.decay_at = budget.real("decay_at");
  schedule.decay_by = budget.real("decay_by");
  if ((schedule.steps > 0) == (schedule.epochs > 0)) {
    budget.wrong("steps", "steps or epochs above 0, not both",
                 std::to_string(schedule.steps) + " and " + std::to_string(schedule.epochs));
  }
  if (schedule.batch < 2) budget.wrong("batch", "at least 2", std::to_string(schedule.batch));
  if (schedule.decay_at <= 0) budget.wrong("decay_at", "more than 0", std::to_string(schedule.decay_at));
  return schedule;
}

void Examples::add(std::int64_t id, std::int64_t label) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  labels.insert(labels.begin() + (at - ids.begin()), label);
  ids.insert(at, id);
}

std::shared_ptr<learn::Headed> Ground::network(const std::vector<std::int64_t>& outputs, Stream init) const {
  auto net = learn::make_headed(body, images.shape(), outputs, init);
  net->to(device);
  return net;
}

Outputs Ground::outputs(learn::Headed& net, const Ids& ids) const {
  constexpr std::size_t kBlock = 500;
  torch::NoGradGuard no_grad;
  net.eval();
  std::vector<torch::Tensor> z;
  std::vector<std::vector<torch::Tensor>> logits;
  for (std::size_t from = 0; from < ids.size(); from += kBlock) {
    const auto count = static_cast<std::int64_t>(std::min(kBlock, ids.size() - from));
    const auto rows = torch::tensor(std::vector<std::int64_t>(ids.begin() + static_cast<std::ptrdiff_t>(from),
                                                              ids.begin() + static_cast<std::ptrdiff_t>(from) + count));
    const auto output = net.forward(images.subset(rows).plain(0, count).to(device));
    z.push_back(output.z.to(torch::kCPU));
    logits.resize(output.logits.size());
    for (std::size_t h = 0; h < logits.size(); ++h) logits[h].push_back(output.logits[h].to(torch::kCPU));
  }
  if (z.empty()) throw std::logic_error("no images to evaluate");
  Outputs all{torch::cat(z), {}};
  for (const auto& blocks : logits) all.logits.push_back(torch::cat(blocks));
  return all;
}

torch::Tensor cross_entropy(const learn::HeadedOutput& output, const learn::Batch& batch, double) {
  return torch::nn::functional::cross_entropy(output.logits.front(), batch.y);
}

void train(learn::Headed& net, const Ground& ground, const Examples& examples, const Schedule& schedule,
           const TrainStreams& streams, const BatchLoss& loss, const std::function<void(std::int64_t)>& after_step) {
  if (examples.size() == 0) throw std::logic_error("no examples to train on");
  auto ids = examples.ids, labels = examples.labels;
  if (ids.size() == 1) ids.push_back(ids.front()), labels.push_back(labels.front());
  const auto count = static_cast<std::int64_t>(ids.size());
  const auto steps = schedule.steps_on(count);
  learn::Loader loader(ground.images.subset(torch::tensor(ids)), torch::tensor(labels), std::min(schedule.batch, count),
                       ground.augmentation, streams.order, streams.augment, ground.device);
  learn::Recipe recipe;
  recipe.learning_rate = schedule.learning_rate;
  recipe.momentum = schedule.momentum;
  recipe.weight_decay = schedule.weight_decay;
  learn::PlainRule rule(net, recipe);
  for (std::int64_t step = 0; step < steps; ++step) {
    net.train();
    const double t = static_cast<double>(step) / static_cast<double>(steps);
    const learn::Score score = [&](const learn::Batch& batch) {
      return learn::Scored{loss(net.forward(batch.x), batch, t), {}};
    };
    rule.step(score, loader.next(), {t, 0, 0, schedule.learning_rate_at(t)});
    if (after_step) after_step(step + 1);
  }
}

}  // namespace assay::open_set_al
