#include "open-set-al/two_stage.hpp"

#include <algorithm>

#include "learn/ranking.hpp"

namespace assay::open_set_al {

namespace {

std::vector<std::int64_t> best(std::span<const std::int64_t> among, std::span<const double> score, std::size_t m) {
  std::vector<double> scores;
  for (const auto position : among) scores.push_back(score[static_cast<std::size_t>(position)]);
  return ids_at(among, learn::top(scores, m));
}

}  // namespace

std::vector<std::int64_t> gate_then_rank(std::span<const std::int64_t> among, std::span<const double> gate,
                                         std::span<const double> value, const TwoStages& stages) {
  auto passed = best(among, gate, stages.pass);
  std::sort(passed.begin(), passed.end());
  return best(passed, value, stages.take);
}

std::vector<std::int64_t> gate_then_rank_by_class(std::span<const std::int64_t> predicted, std::int64_t classes,
                                                  std::span<const double> gate, std::span<const double> value,
                                                  const TwoStages& stages) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t c = 0; c < classes; ++c) {
    std::vector<std::int64_t> among;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      if (predicted[i] == c) among.push_back(static_cast<std::int64_t>(i));
    }
    const auto of_class = gate_then_rank(among, gate, value, stages);
    chosen.insert(chosen.end(), of_class.begin(), of_class.end());
  }
  return chosen;
}

std::vector<std::int64_t> ids_at(std::span<const std::int64_t> ids, std::span<const std::int64_t> positions) {
  std::vector<std::int64_t> chosen;
  for (const auto position : positions) chosen.push_back(ids[static_cast<std::size_t>(position)]);
  return chosen;
}

}  // namespace assay::open_set_al
