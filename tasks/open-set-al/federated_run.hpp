// Runs one job by the federated protocol.
#pragma once

#include "data/images.hpp"
#include "learn/job.hpp"
#include "learn/reporter.hpp"
#include "open-set-al/federated.hpp"

namespace assay::open_set_al {

void run_federated(const Images& images, const Job& job, Reporter& reporter);
void run_stages(const Images& images, const Job& job, FederatedMethod& method, Reporter& reporter);  // by a given one

}  // namespace assay::open_set_al
