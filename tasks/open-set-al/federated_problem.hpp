// One setting of the federated protocol made concrete for a seed: which images each client holds, which are labelled at
// first, which test set. The protocol's side of the matter: methods never see it.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/images.hpp"
#include "learn/job.hpp"
#include "open-set-al/federated_partition.hpp"
#include "open-set-al/federated_training.hpp"

namespace assay::open_set_al {

struct FederatedBudget {
  std::int64_t largest_class = 0;  // images of the first class; the others by the long tail
  std::int64_t clients = 0, stages = 0;
  double share_per_stage = 0;  // of all images, labelled in each stage
  FederatedSchedule schedule;
  std::string network;
  std::int64_t test_per_class = 0;  // leading images of each class, in file order; 0: all
};
FederatedBudget read_federated_budget(const Job& job);

struct Federation {
  Ground ground;                     // an id is a position here
  std::vector<std::int64_t> labels;  // of all images, hidden
  std::vector<Ids> owned;            // per client, ascending
  std::vector<Ids> first;            // per client: labelled in stage 1
  ClientCounts counts;               // images of each client and class
  std::int64_t per_stage = 0;        // labels per client and stage
  learn::ImageSet test;
  torch::Tensor test_labels;  // int64 [test]
  std::int64_t classes = 0;
};
Federation make_federation(const Images& images, const Job& job, const FederatedBudget& budget);

}  // namespace assay::open_set_al
