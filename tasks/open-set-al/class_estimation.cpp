#include "open-set-al/class_estimation.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "learn/assignment.hpp"
#include "vision/clustering.hpp"

namespace assay::open_set_al {

namespace {

double f1(double hits, double predicted, double actual) {  // 2 PR / (P + R), 0 where nothing is hit
  return hits > 0 ? 2 * hits / (predicted + actual) : 0;
}

std::vector<std::vector<double>> contingency(const LabelledFeatures& labelled, const vision::Clusters& clusters,
                                             std::int64_t count) {
  std::vector<std::vector<double>> counts(static_cast<std::size_t>(count),
                                          std::vector<double>(static_cast<std::size_t>(labelled.known_classes + 1)));
  for (std::size_t i = 0; i < labelled.labels.size(); ++i) {
    counts[static_cast<std::size_t>(clusters.of[i])][static_cast<std::size_t>(labelled.labels[i])] += 1;
  }
  return counts;
}

// Squared Euclidean distance.
double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * static_cast<double>(a[i] - b[i]);
  return sum;
}

struct Matched {
  vision::Clusters clusters;
  std::vector<std::int64_t> label;  // of each cluster
  double score = 0;
};

class Clustering {
 public:
  Clustering(const LabelledFeatures& labelled, const std::function<std::uint64_t(std::int64_t)>& seed_of)
      : labelled_(labelled), n_(static_cast<std::int64_t>(labelled.labels.size())), seed_of_(seed_of) {}

  Matched into(std::int64_t count) const {
    Matched matched{vision::k_means(labelled_.points, n_, count, seed_of_(count)), {}, 0};
    const auto counts = contingency(labelled_, matched.clusters, count);
    matched.label = learn::best_assignment(counts);
    const auto scores = cluster_f1(counts, matched.label);
    matched.score = std::accumulate(scores.begin(), scores.end(), 1.0, std::multiplies<>());
    return matched;
  }

  std::vector<std::int64_t> proxies(const Matched& matched) const {
    const auto d = labelled_.points.size() / labelled_.labels.size();
    std::vector<std::size_t> unknown;  // clusters
    for (std::size_t c = 0; c < matched.label.size(); ++c) {
      if (matched.label[c] < 0 || matched.label[c] == labelled_.known_classes) unknown.push_back(c);
    }
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < labelled_.labels.size(); ++i) {
      if (labelled_.labels[i] < labelled_.known_classes) continue;
      std::size_t nearest = 0;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t u = 0; u < unknown.size(); ++u) {
        const std::span<const float> centre(matched.clusters.centres.data() + unknown[u] * d, d);
        const double far = distance(labelled_.points.subspan(i * d, d), centre);
        if (far >= least) continue;
        nearest = u;
        least = far;
      }
      labels.push_back(labelled_.known_classes + static_cast<std::int64_t>(nearest));
    }
    return labels;
  }

 private:
  const LabelledFeatures& labelled_;
  std::int64_t n_;
  const std::function<std::uint64_t(std::int64_t)>& seed_of_;
};

}  // namespace

std::vector<double> cluster_f1(const std::vector<std::vector<double>>& counts,
                               const std::vector<std::int64_t>& matched) {
  const auto labels = counts.front().size();
  std::vector<double> actual(labels), scores(labels);
  double total = 0, known_size = 0, unknown_missed = 0;
  for (const auto& row : counts) {
    for (std::size_t label = 0; label < labels; ++label) actual[label] += row[label];
  }
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double size = std::accumulate(counts[c].begin(), counts[c].end(), 0.0);
    total += size;
    if (matched[c] < 0 || matched[c] == static_cast<std::int64_t>(labels) - 1) continue;
    const auto label = static_cast<std::size_t>(matched[c]);
    scores[label] = f1(counts[c][label], size, actual[label]);
    known_size += size;
    unknown_missed += counts[c].back();
  }
  scores.back() = f1(actual.back() - unknown_missed, total - known_size, actual.back());
  return scores;
}

std::int64_t scan(std::int64_t low, std::int64_t high, const ClusterScore& score) {
  auto best = low;
  double largest = score(low);
  for (auto count = low + 1; count <= high; ++count) {
    const double value = score(count);
    if (value <= largest) continue;
    best = count;
    largest = value;
  }
  return best;
}

std::int64_t ternary_search(std::int64_t low, std::int64_t high, const ClusterScore& score) {
  while (high - low > 2) {
    const auto first = low + (high - low) / 3, second = high - (high - low) / 3;
    if (score(first) < score(second)) {
      low = first;
    } else {
      high = second;
    }
  }
  return scan(low, high, score);
}

UnknownClasses estimate_unknown_classes(const LabelledFeatures& labelled, const ClassSearch& search,
                                        const std::function<std::uint64_t(std::int64_t clusters)>& seed_of) {
  const auto n = static_cast<std::int64_t>(labelled.labels.size());
  const auto known = labelled.known_classes;
  if (std::count(labelled.labels.begin(), labelled.labels.end(), known) == 0) return {};
  const Clustering clustering(labelled, seed_of);
  const ClusterScore score = [&](std::int64_t count) { return clustering.into(count).score; };
  const auto low = known + 1;
  const auto high = std::max(low, std::min(known + search.most_unknown, search.ternary ? n : n / 4));
  const auto best = search.ternary ? ternary_search(low, high, score) : scan(low, high, score);
  return {best - known, clustering.proxies(clustering.into(best))};
}

}  // namespace assay::open_set_al
