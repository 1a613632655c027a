// How many classes hide behind the label "unknown": labelled images are clustered by frozen features, and the clusters
// held against the labels (E2OAL, arXiv 2603.07898, section 3.2 and its code).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace assay::open_set_al {

// F1 of each known label with the cluster matched to it, and of the label "unknown" (the last column) with all clusters
// that are not matched to a known label. `counts`: [clusters][K + 1] images; `matched`: the label of each cluster, -1
// for none; every label is matched.
std::vector<double> cluster_f1(const std::vector<std::vector<double>>& counts,
                               const std::vector<std::int64_t>& matched);

using ClusterScore = std::function<double(std::int64_t clusters)>;
// The number low .. high with the largest score, of equal ones the smallest.
std::int64_t scan(std::int64_t low, std::int64_t high, const ClusterScore& score);
// The same for a score with a single peak, by thirds; of equal ones the search keeps the smaller side.
std::int64_t ternary_search(std::int64_t low, std::int64_t high, const ClusterScore& score);

struct LabelledFeatures {
  std::span<const float> points;     // [n, d], row after row
  std::vector<std::int64_t> labels;  // [n], 0 .. K, K for unknown
  std::int64_t known_classes = 0;    // K
};

struct ClassSearch {
  bool ternary = false;           // else a scan, which stays at or below n / 4 clusters
  std::int64_t most_unknown = 0;  // K + 1 .. K + most_unknown clusters are tried, at most n
};

struct UnknownClasses {
  std::int64_t count = 0;              // u
  std::vector<std::int64_t> label_of;  // of each image labelled "unknown", in order: K + the nearest unknown centre
};

// Every number of clusters draws its seeds from `seed_of(clusters)`, so that the order of the search does not matter.
// Without unknown labels there is nothing to find: 0.
UnknownClasses estimate_unknown_classes(const LabelledFeatures& labelled, const ClassSearch& search,
                                        const std::function<std::uint64_t(std::int64_t clusters)>& seed_of);

}  // namespace assay::open_set_al
