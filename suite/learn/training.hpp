// The loop that trains one network: batches, a cosine schedule, an update rule.
#pragma once

#include <functional>

#include "learn/batches.hpp"
#include "learn/update_rule.hpp"

namespace assay::learn {

// lr (1 + cos(pi t)) / 2, where t is the share of training that is over.
double cosine(double learning_rate, double t);

struct Loop {
  Score score;                                                    // the loss of a batch
  std::function<void(Batch&)> prepare = [](Batch&) {};            // before a batch is used: mixing, own views
  std::function<void(std::int64_t epoch, double mean_loss)> end;  // after an epoch, from 0
};

// Puts the module into training mode before each epoch.
void train(torch::nn::Module& module, Loader& loader, UpdateRule& rule, const Recipe& recipe, const Loop& loop);

}  // namespace assay::learn
