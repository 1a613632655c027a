// k-means by OpenCV: Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii, SODA 2007).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay::vision {

struct Clusters {
  std::vector<float> centres;    // [k, d]
  std::vector<std::int64_t> of;  // [n]: the centre of each point, the nearest unless iterations ran out
  double inertia = 0;            // sum of squared distances to it
};

// `points`: [n, d], row after row; 1 <= k <= n (std::invalid_argument otherwise). At most 100 iterations, best of
// `restarts` by inertia. All draws come from `seed`.
Clusters k_means(std::span<const float> points, std::int64_t n, std::int64_t k, std::uint64_t seed, int restarts = 1);

}  // namespace assay::vision
