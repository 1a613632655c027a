// How the federated protocol trains: a global model by federated averaging (McMahan et al., AISTATS 2017), and a
// client's own model on its labels alone.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "learn/update_rule.hpp"
#include "open-set-al/training.hpp"

namespace assay::open_set_al {

struct FederatedSchedule {
  std::int64_t rounds = 0, local_epochs = 0;  // of federated averaging
  std::int64_t own_epochs = 0;                // of a client's own model, at most
  std::int64_t batch = 0;
  double learning_rate = 0, momentum = 0, weight_decay = 0;
  double drop_at = 1,
         drop_by = 1;  // the learning rate is multiplied by drop_by after
                       // floor(drop_at n) of n rounds or epochs

  double learning_rate_at(std::int64_t done, std::int64_t of) const;
};
FederatedSchedule read_federated_schedule(StrictObject& budget);

// One client in training: momentum starts anew with each Client.
class LocalTraining {
 public:
  LocalTraining(learn::Headed& net, const Ground& ground, const Examples& examples, const FederatedSchedule& schedule);

  // Shuffled, augmented batches, the last one as small as it is; a batch of one is skipped, for batch norm needs two.
  void epoch(double learning_rate, TrainStreams& streams);

 private:
  void step(std::span<const std::int64_t> positions, double learning_rate, Stream& augment);

  learn::Headed& net_;
  const Ground& ground_;
  const Examples& examples_;
  std::int64_t batch_;
  learn::PlainRule rule_;
};

// The weighted mean of equal modules, in double precision: weights and batch-norm statistics.
class MeanOfModules {
 public:
  void add(const torch::nn::Module& module, double weight);
  void write_to(torch::nn::Module& module) const;

 private:
  std::vector<torch::Tensor> sums_;
  double weights_ = 0;
};

// In every round each client goes on from the global model for some epochs; the mean of what they come to, weighted by
// their numbers of labels, is the next global model. `streams`: one pair per client. A client without labels sits out.
std::shared_ptr<learn::Headed> average_federatedly(const Ground& ground, std::int64_t classes, Stream init,
                                                   const std::vector<Examples>& clients,
                                                   const FederatedSchedule& schedule,
                                                   std::vector<TrainStreams> streams);

// A client alone, until it is right on 99 % of its labels (evaluation mode, not augmented) or epochs are over.
void train_alone(learn::Headed& net, const Ground& ground, const Examples& examples, const FederatedSchedule& schedule,
                 TrainStreams streams);

}  // namespace assay::open_set_al
