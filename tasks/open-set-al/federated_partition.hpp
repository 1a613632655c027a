// Who holds which images: a long tail over the classes, dealt unevenly to clients of equal size.
#pragma once

#include <cstdint>
#include <vector>

#include "core/streams.hpp"
#include "open-set-al/method.hpp"

namespace assay::open_set_al {

// How many images of each class stay: floor(largest ratio^(-c / (classes - 1))).
std::vector<std::int64_t> long_tail(std::int64_t largest, double ratio, std::int64_t classes);

using ClientCounts = std::vector<std::vector<std::int64_t>>;  // [client][class]

// Mixes of classes drawn from Dirichlet(alpha, ..), one per client, balanced until classes and clients come out
// exactly: column sums are `class_sizes`, row sums differ by one at most.
ClientCounts dirichlet_partition(const std::vector<std::int64_t>& class_sizes, std::int64_t clients, double alpha,
                                 Stream& stream);

// --- Its steps

// `total` split in proportion to the shares: whole parts, then one each to the largest remainders (ties: smaller
// index).
std::vector<std::int64_t> largest_remainder(const std::vector<double>& shares, std::int64_t total);
std::vector<std::int64_t> equal_sizes(std::int64_t total, std::int64_t clients);
// Moves images from clients that have too many to those that have too few, class by class, until row sums are `sizes`.
void repair(ClientCounts& counts, const std::vector<std::int64_t>& sizes);

// The images of each class, shuffled and dealt in the clients' order: ids of each client, ascending.
std::vector<Ids> deal(std::vector<Ids> of_class, const ClientCounts& counts, Stream& stream);

}  // namespace assay::open_set_al
