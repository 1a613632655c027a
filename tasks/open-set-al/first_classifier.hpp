// The target classifier of round 0. Every method starts from the same labels, so that it is the same for all of them:
// an artefact of a setting and seed, and a seventh of the quick tier's training saved.
#pragma once

#include <functional>
#include <memory>

#include "learn/bodies.hpp"
#include "learn/job.hpp"
#include "open-set-al/pool.hpp"

namespace assay::open_set_al {

// What `train` gives, always loaded from the stored file, so that its maker sees the same bits as all others.
std::shared_ptr<learn::Headed> obtain_first_classifier(const Pool& pool, const Job& job,
                                                       const std::function<std::shared_ptr<learn::Headed>()>& train);

}  // namespace assay::open_set_al
