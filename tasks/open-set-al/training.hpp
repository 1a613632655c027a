// How networks of this task are trained and evaluated: the same for every method and for the protocols themselves.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "learn/batches.hpp"
#include "learn/bodies.hpp"
#include "open-set-al/method.hpp"

namespace assay::open_set_al {

// SGD for a number of steps, or of epochs where steps is 0.
struct Schedule {
  std::int64_t steps = 0, epochs = 0, batch = 0;
  double learning_rate = 0, momentum = 0, weight_decay = 0;
  // Cosine to 0 over the training, or times decay_by at every decay_at-th part: lr decay_by^floor(t / decay_at), t the
  // share of training that is over (1: never).
  bool cosine = true;
  double decay_at = 1, decay_by = 1;

  double learning_rate_at(double t) const;
  std::int64_t steps_on(std::int64_t examples) const;  // how many it takes on so many examples; at least 1
  Schedule with_steps(std::int64_t other) const;       // the same, but for the number of steps
};
Schedule read_schedule(StrictObject& budget);

// Images by id with labels; where unknown classes matter, label K (the number of known classes) is "unknown".
struct Examples {
  Ids ids;
  std::vector<std::int64_t> labels;

  std::size_t size() const { return ids.size(); }
  void add(std::int64_t id, std::int64_t label);
};

struct Outputs {
  torch::Tensor z;                    // float32 [n, features]
  std::vector<torch::Tensor> logits;  // float32 [n, outputs] per head
};

// Where a network trains: images, their augmentation, the device.
struct Ground {
  learn::ImageSet images;
  learn::Augmentation augmentation;
  torch::Device device = torch::kCPU;
  std::string body;  // id of the setting's network

  std::shared_ptr<learn::Headed> network(const std::vector<std::int64_t>& outputs, Stream init) const;
  // In evaluation mode, without augmentation and gradients, in blocks; on the CPU.
  Outputs outputs(learn::Headed& net, const Ids& ids) const;
};

// Loss of a batch: batch.y are the given labels, batch.index positions in the examples, t the share of training over.
using BatchLoss = std::function<torch::Tensor(const learn::HeadedOutput&, const learn::Batch&, double t)>;
torch::Tensor cross_entropy(const learn::HeadedOutput& output, const learn::Batch& batch, double t);  // of head 0

struct TrainStreams {
  Stream order, augment;
};

// Trains in reshuffled passes over the examples, augmented; the last incomplete batch of a pass is dropped, the batch is
// at most the number of examples. A training set of one example is doubled, since batch norm needs two.
// `after_step` is called with the number of steps done.
void train(learn::Headed& net, const Ground& ground, const Examples& examples, const Schedule& schedule,
           const TrainStreams& streams, const BatchLoss& loss = cross_entropy,
           const std::function<void(std::int64_t)>& after_step = {});

}  // namespace assay::open_set_al
