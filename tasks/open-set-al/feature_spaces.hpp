// The feature spaces of a setting's pool (frozen.hpp), as artefacts.
#pragma once

#include <cstdint>
#include <string>

#include "learn/job.hpp"
#include "open-set-al/frozen.hpp"
#include "open-set-al/training.hpp"

namespace assay::open_set_al {

// `kind` "hog": histograms of oriented gradients on `dimension` principal axes of the pool (fewer, where its rank is
// smaller). "simclr": z of the setting's network after `contrastive_steps` of contrastive training on the pool, whatever
// `dimension` is. `pool_recipe` tells this pool of the job's data set from others: which images, and how they are
// normalised. Made when first asked for; nothing depends on the run's seed, so that all runs on a pool share it.
Frozen make_frozen(const Job& job, const Ground& ground, const std::string& kind, std::int64_t dimension,
                   const Json& pool_recipe, std::int64_t contrastive_steps);

}  // namespace assay::open_set_al
