// What the one-shot protocol runs on: a pool of images, some of which are labelled at first, and test images. All
// classes are known.
#pragma once

#include <cstdint>
#include <vector>

#include "data/images.hpp"
#include "learn/batches.hpp"
#include "learn/job.hpp"
#include "open-set-al/training.hpp"

namespace assay::open_set_al {

struct OneShotBudget {
  std::int64_t pool_per_class = 0, test_per_class = 0;  // leading images of each class, in file order
  std::int64_t initial = 0;                             // labelled at first, drawn over all classes
  std::vector<std::int64_t> widths;                     // one per model
  std::vector<std::int64_t> budgets;                    // images to ask for, ascending; the last one ranks
  double ridge = 0;                                     // of the heads
  Schedule schedule;                                    // of every model
};
OneShotBudget read_one_shot_budget(const Job& job);

struct OneShotProblem {
  OneShotBudget budget;
  std::int64_t classes = 0;
  learn::ImageSet pool, test;
  learn::Augmentation augmentation;
  std::vector<std::int64_t> labels, test_labels;  // of all pool and test images
  Ids initial;                                    // positions in the pool that are labelled at first, ascending
  Ids unlabelled;                                 // U: the others, ascending
};
OneShotProblem make_one_shot_problem(const Images& images, const Job& job);

}  // namespace assay::open_set_al
