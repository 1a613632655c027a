// One setting of the pool protocol made concrete for a seed: which images, which are labelled at first, which test set.
// The protocol's side of the matter: methods never see it.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "data/images.hpp"
#include "learn/job.hpp"
#include "open-set-al/training.hpp"

namespace assay::open_set_al {

struct PoolBudget {
  std::int64_t per_class = 0, test_per_class = 0;  // leading images of each class, in file order; 0: all
  std::int64_t seed_per_class = 0;                 // labelled at first, of each known class;
  double seed_share = 0;                // or, where that is 0, this share of the known images, drawn over all
  std::int64_t budget = 0, rounds = 0;  // b and R
  std::int64_t final_repeats = 1;       // trainings on the last labels
  Schedule schedule;
  std::string network;
  std::string features;  // kind of the frozen feature space: "hog" or "simclr"
  std::int64_t contrastive_steps = 0;
};

struct Pool {
  Ground ground;                     // an id is a position here
  std::vector<std::int64_t> labels;  // 0..K-1, or K for unknown
  std::vector<std::int64_t> shown;   // class of the data set
  Ids seed;                          // labelled at first, ascending
  learn::ImageSet test;              // of known classes
  torch::Tensor test_labels;         // int64 [test]
  std::int64_t known_classes = 0;
  std::vector<std::string> class_names;  // of the data set
  Json recipe;                           // which images of the data set these are, and how they are normalised

  bool is_known(std::int64_t id) const { return labels[static_cast<std::size_t>(id)] < known_classes; }
};

learn::Normalisation read_normalisation(StrictObject& setting);  // "mean" and "deviation": a number per channel

PoolBudget read_pool_budget(const Job& job);
Pool make_pool(const Images& images, const Job& job, const PoolBudget& budget);

// The leading `per_class` rows of each class of a split (0: all), class by class, each ascending. DataError where a
// class has fewer.
std::vector<Ids> rows_by_class(const ImageSplit& split, std::size_t classes, std::int64_t per_class,
                               const std::string& where);
learn::ImageSet pick(const ImageSplit& split, const Ids& rows, const learn::Normalisation& normalisation);

}  // namespace assay::open_set_al
