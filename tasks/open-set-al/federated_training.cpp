#include "open-set-al/federated_training.hpp"

#include <algorithm>
#include <cmath>

#include "learn/scores.hpp"
#include "open-set-al/federated.hpp"

namespace assay::open_set_al {

double FederatedSchedule::learning_rate_at(std::int64_t done, std::int64_t of) const {
  constexpr double kRounding = 1e-9;  // so that 0.7 of 10 is 7
  const auto drop = static_cast<std::int64_t>(std::floor(drop_at * static_cast<double>(of) + kRounding));
  return done < drop ? learning_rate : learning_rate * drop_by;
}

FederatedSchedule read_federated_schedule(StrictObject& budget) {
  FederatedSchedule schedule;
  schedule.rounds = budget.integer("rounds");
  schedule.local_epochs = budget.integer("local_epochs");
  schedule.own_epochs = budget.integer("own_epochs");
  schedule.batch = budget.integer("batch");
  schedule.learning_rate = budget.real("learning_rate");
  schedule.drop_at = budget.real("drop_at");
  schedule.drop_by = budget.real("drop_by");
  schedule.momentum = budget.real("momentum");
  schedule.weight_decay = budget.real("weight_decay");
  if (schedule.batch < 2) budget.wrong("batch", "at least 2", std::to_string(schedule.batch));
  return schedule;
}

namespace {

learn::Recipe recipe_of(const FederatedSchedule& schedule) {
  learn::Recipe recipe;
  recipe.learning_rate = schedule.learning_rate;
  recipe.momentum = schedule.momentum;
  recipe.weight_decay = schedule.weight_decay;
  return recipe;
}

}  // namespace

LocalTraining::LocalTraining(learn::Headed& net, const Ground& ground, const Examples& examples,
                             const FederatedSchedule& schedule)
    : net_(net), ground_(ground), examples_(examples), batch_(schedule.batch), rule_(net, recipe_of(schedule)) {}

void LocalTraining::epoch(double learning_rate, TrainStreams& streams) {
  net_.train();
  const auto order = streams.order.permutation(static_cast<std::int64_t>(examples_.size()));
  const std::span<const std::int64_t> all(order);
  for (std::size_t from = 0; from < all.size(); from += static_cast<std::size_t>(batch_)) {
    const auto positions = all.subspan(from, std::min(static_cast<std::size_t>(batch_), all.size() - from));
    if (positions.size() > 1) step(positions, learning_rate, streams.augment);
  }
}

void LocalTraining::step(std::span<const std::int64_t> positions, double learning_rate, Stream& augment) {
  const auto ids = members(examples_.ids, positions);
  learn::Batch batch;
  batch.x = ground_.images.weak(ids, ground_.augmentation, augment).to(ground_.device);
  batch.y = torch::tensor(members(examples_.labels, positions), torch::kInt64).to(ground_.device);
  const learn::Score score = [&](const learn::Batch& b) {
    return learn::Scored{cross_entropy(net_.forward(b.x), b, 0), {}};
  };
  rule_.step(score, batch, {0, 0, 0, learning_rate});
}

namespace {

std::vector<torch::Tensor> state_of(const torch::nn::Module& module) {
  auto state = module.parameters();
  for (const auto& buffer : module.buffers()) state.push_back(buffer);
  return state;
}

}  // namespace

void MeanOfModules::add(const torch::nn::Module& module, double weight) {
  torch::NoGradGuard no_grad;
  const auto state = state_of(module);
  if (sums_.empty()) {
    for (const auto& values : state) sums_.push_back(torch::zeros_like(values, torch::kFloat64));
  }
  for (std::size_t i = 0; i < state.size(); ++i) sums_[i] += weight * state[i].to(torch::kFloat64);
  weights_ += weight;
}

void MeanOfModules::write_to(torch::nn::Module& module) const {
  torch::NoGradGuard no_grad;
  auto state = state_of(module);
  for (std::size_t i = 0; i < state.size(); ++i) state[i].copy_(sums_.at(i) / weights_);
}

std::shared_ptr<learn::Headed> average_federatedly(const Ground& ground, std::int64_t classes, Stream init,
                                                   const std::vector<Examples>& clients,
                                                   const FederatedSchedule& schedule,
                                                   std::vector<TrainStreams> streams) {
  const auto global = ground.network({classes}, init), local = ground.network({classes}, init);
  for (std::int64_t round = 0; round < schedule.rounds; ++round) {
    const double learning_rate = schedule.learning_rate_at(round, schedule.rounds);
    MeanOfModules mean;
    for (std::size_t k = 0; k < clients.size(); ++k) {
      if (clients[k].size() == 0) continue;
      learn::copy_state(*global, *local);
      LocalTraining training(*local, ground, clients[k], schedule);
      for (std::int64_t i = 0; i < schedule.local_epochs; ++i) training.epoch(learning_rate, streams[k]);
      mean.add(*local, static_cast<double>(clients[k].size()));
    }
    mean.write_to(*global);
  }
  return global;
}

void train_alone(learn::Headed& net, const Ground& ground, const Examples& examples, const FederatedSchedule& schedule,
                 TrainStreams streams) {
  constexpr double kRightEnough = 99;  // %
  LocalTraining training(net, ground, examples, schedule);
  const auto labels = torch::tensor(examples.labels, torch::kInt64);
  for (std::int64_t epoch = 0; epoch < schedule.own_epochs; ++epoch) {
    training.epoch(schedule.learning_rate_at(epoch, schedule.own_epochs), streams);
    const auto answers = ground.outputs(net, examples.ids).logits.front().argmax(1);
    if (learn::percent_equal(answers, labels) >= kRightEnough) return;
  }
}

}  // namespace assay::open_set_al
