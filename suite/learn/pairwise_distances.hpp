// Distances between the rows of a group, and how far those of two networks differ: what relational distillation
// compares.
#pragma once

#include <torch/torch.h>

namespace assay::learn {

// x [groups, n, width] to Euclidean distances [groups, n, n]. The diagonal is 0; no gradient where rows coincide.
torch::Tensor pairwise_distances(const torch::Tensor& x);

// What distances are divided by, for each network on its own: the mean over the pairs of the group, over those of all
// groups, or nothing. The gradient goes through the mean.
enum class DistanceScale { kGroup, kBatch, kNone };

// [groups]: sum over ordered pairs of different members of the Huber loss (knee at 1) of the student's distance against
// the teacher's. student [groups, n, width], teacher [groups, n, width of its own], members bool [groups, n]. Groups of
// one or none give 0, and with kGroup those of two, whose distances both become 1.
torch::Tensor distance_losses(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& members,
                              DistanceScale scale);

}  // namespace assay::learn
