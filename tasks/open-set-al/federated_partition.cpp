#include "open-set-al/federated_partition.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/gamma_draw.hpp"

namespace assay::open_set_al {

std::vector<std::int64_t> long_tail(std::int64_t largest, double ratio, std::int64_t classes) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t c = 0; c < classes; ++c) {
    const double t = classes == 1 ? 0 : static_cast<double>(c) / static_cast<double>(classes - 1);
    sizes.push_back(static_cast<std::int64_t>(static_cast<double>(largest) * std::pow(1 / ratio, t)));
  }
  return sizes;
}

std::vector<std::int64_t> largest_remainder(const std::vector<double>& shares, std::int64_t total) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<std::int64_t> parts;
  std::vector<double> remainders;
  for (const double share : shares) {
    const double exact = share / sum * static_cast<double>(total);
    parts.push_back(static_cast<std::int64_t>(std::floor(exact)));
    remainders.push_back(exact - std::floor(exact));
  }
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return remainders[a] > remainders[b]; });
  const auto left = total - std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  for (std::int64_t i = 0; i < left; ++i) ++parts[order[static_cast<std::size_t>(i)]];
  return parts;
}

std::vector<std::int64_t> equal_sizes(std::int64_t total, std::int64_t clients) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(clients), total / clients);
  for (std::int64_t k = 0; k < total % clients; ++k) ++sizes[static_cast<std::size_t>(k)];
  return sizes;
}

void repair(ClientCounts& counts, const std::vector<std::int64_t>& sizes) {
  std::vector<std::int64_t> surplus;  // of each client; negative: it needs images
  for (std::size_t k = 0; k < counts.size(); ++k) {
    surplus.push_back(std::accumulate(counts[k].begin(), counts[k].end(), std::int64_t{0}) - sizes[k]);
  }
  for (std::size_t c = 0; c < counts.front().size(); ++c) {
    const auto can_give = [&](std::size_t k) { return std::min(surplus[k], counts[k][c]); };
    while (true) {
      std::size_t donor = 0, receiver = 0;
      for (std::size_t k = 1; k < counts.size(); ++k) {
        if (can_give(k) > can_give(donor)) donor = k;
        if (surplus[k] < surplus[receiver]) receiver = k;
      }
      const auto moved = std::min(can_give(donor), -surplus[receiver]);
      if (moved <= 0) break;  // this class has no more to give, or all sizes fit
      counts[donor][c] -= moved;
      surplus[donor] -= moved;
      counts[receiver][c] += moved;
      surplus[receiver] += moved;
    }
  }
}

namespace {

using Shares = std::vector<std::vector<double>>;  // [client][class]

// Divides by the sum; zeros alone become even shares.
void normalise(const std::vector<double*>& values) {
  double sum = 0;
  for (const double* value : values) sum += *value;
  for (double* value : values) *value = sum > 0 ? *value / sum : 1 / static_cast<double>(values.size());
}

void normalise_rows(Shares& shares) {
  for (auto& row : shares) {
    std::vector<double*> values;
    for (double& value : row) values.push_back(&value);
    normalise(values);
  }
}

void normalise_columns(Shares& shares) {
  for (std::size_t c = 0; c < shares.front().size(); ++c) {
    std::vector<double*> values;
    for (auto& row : shares) values.push_back(&row[c]);
    normalise(values);
  }
}

}  // namespace

ClientCounts dirichlet_partition(const std::vector<std::int64_t>& class_sizes, std::int64_t clients, double alpha,
                                 Stream& stream) {
  constexpr int kBalancings = 5;
  const auto count = static_cast<std::size_t>(clients);
  Shares shares(count, std::vector<double>(class_sizes.size()));
  for (auto& row : shares) {
    for (double& share : row) share = learn::gamma_draw(alpha, stream);  // a row over its sum is a Dirichlet draw
  }
  for (int i = 0; i < kBalancings; ++i) {
    normalise_rows(shares);
    normalise_columns(shares);
  }
  ClientCounts counts(count, std::vector<std::int64_t>(class_sizes.size()));
  for (std::size_t c = 0; c < class_sizes.size(); ++c) {
    std::vector<double> column;
    for (const auto& row : shares) column.push_back(row[c]);
    const auto parts = largest_remainder(column, class_sizes[c]);
    for (std::size_t k = 0; k < count; ++k) counts[k][c] = parts[k];
  }
  repair(counts, equal_sizes(std::accumulate(class_sizes.begin(), class_sizes.end(), std::int64_t{0}), clients));
  return counts;
}

std::vector<Ids> deal(std::vector<Ids> of_class, const ClientCounts& counts, Stream& stream) {
  std::vector<Ids> owned(counts.size());
  for (std::size_t c = 0; c < of_class.size(); ++c) {
    stream.shuffle(of_class[c]);
    auto next = of_class[c].begin();
    for (std::size_t k = 0; k < counts.size(); ++k) {
      owned[k].insert(owned[k].end(), next, next + counts[k][c]);
      next += counts[k][c];
    }
  }
  for (auto& ids : owned) std::sort(ids.begin(), ids.end());
  return owned;
}

}  // namespace assay::open_set_al
