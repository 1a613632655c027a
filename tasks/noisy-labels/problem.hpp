// One setting made concrete for a seed: which images, which noise, which test set. The protocol's side of the matter.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "data/images.hpp"
#include "learn/batches.hpp"
#include "learn/job.hpp"
#include "learn/update_rule.hpp"
#include "noisy-labels/corruption.hpp"

namespace assay::noisy_labels {

struct Budget {
  std::int64_t train = 0, validation = 0,
               test_per_class = 0;  // train and validation: sums over all classes of the data
  learn::Recipe recipe;
  std::string network;
  Sampling sampling = Sampling::kExact;
  bool augment = true;
};
Budget read_budget(const Json& json);

struct Problem {
  learn::ImageSet train, validation, test;
  torch::Tensor given, clean;        // int64 [train]; clean is -1 where the image shows an unknown class
  torch::Tensor shown;               // int64 [train]: class of the data set, for captions
  torch::Tensor validation_given;    // int64 [validation]
  torch::Tensor test_labels;         // int64 [test]
  std::vector<std::int64_t> source;  // [train]: positions in the data set's training file
  std::vector<std::string> classes, all_classes;
  Corruption corruption;  // of train and validation together
  learn::Augmentation augmentation;
};

// Draws train and validation images class by class (stream `split`), then the noise over both together (stream
// `corruption`), so that neither depends on the other.
Problem make_problem(const Images& images, const Job& job, const Budget& budget);

}  // namespace assay::noisy_labels
