#include "report/across.hpp"

#include <algorithm>
#include <cmath>

#include "report/view_parts.hpp"

namespace assay {

namespace {

constexpr double kLevel = 0.05;
constexpr std::size_t kDraws = 1000;

// Maps scores of one setting to 0 (floor) .. 100 (ceiling).
struct Scale {
  double floor = 0, span = 100;
  double of(double score) const { return 100 * (score - floor) / span; }
};

std::optional<double> mean_of(const Board& board, const std::string& label) {
  const auto* standing = label.empty() ? nullptr : board.standing(label);
  return standing && standing->score.n > 0 ? std::optional(standing->score.mean) : std::nullopt;
}

// One scale a board, or none where a floor or a ceiling is missing: then scores stay as they are.
std::vector<Scale> scales_of(const Task& task, const std::vector<const Board*>& boards) {
  std::vector<Scale> scales;
  for (const auto* board : boards) {
    const auto floor = mean_of(*board, task.floor), ceiling = mean_of(*board, task.ceiling);
    const double sign = task.ranking().direction == Direction::kHigher ? 1 : -1;
    if (!floor || !ceiling || sign * (*ceiling - *floor) <= 0) return {};
    scales.push_back({*floor, *ceiling - *floor});
  }
  return scales;
}

bool is_ranked(const Board& board, const std::string& label) {
  const auto* standing = board.standing(label);
  return standing && standing->rank;
}

AcrossRow make_row(const Standing& standing, const std::vector<const Board*>& boards,
                   const std::vector<Scale>& scales) {
  AcrossRow row{standing.method, standing.label, {}, 0, 0, 0, false};
  std::vector<std::vector<double>> strata;
  std::vector<std::string> keys{standing.label};
  for (std::size_t i = 0; i < boards.size(); ++i) {
    if (!is_ranked(*boards[i], standing.label)) continue;
    const auto& here = *boards[i]->standing(standing.label);
    ++row.settings;
    row.imputed += here.imputed();
    row.varies |= here.score.sd > 0;
    strata.emplace_back();
    for (const auto& seed : here.scores) {
      strata.back().push_back(scales.empty() ? seed.score : scales[i].of(seed.score));
      keys.push_back(seed.run->key + seed.run->digest);
    }
  }
  row.iqm = stratified_iqm(strata, bootstrap_seed(keys), kDraws);
  return row;
}

// Ranks 1..n of one setting; equal means share the mean of their places.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<double> ranks;
  for (const double value : values) {
    double better = 0, equal = 0;
    for (const double other : values) better += other > value, equal += other == value;
    ranks.push_back(better + (equal + 1) / 2);
  }
  return ranks;
}

// values[setting][method], larger is better.
using Grid = std::vector<std::vector<double>>;

std::vector<std::vector<bool>> separated_pairs(const Grid& values, std::size_t methods) {
  std::vector<PairedDifference> pairs;
  for (std::size_t a = 0; a < methods; ++a) {
    for (std::size_t b = a + 1; b < methods; ++b) {
      std::vector<double> differences;
      for (const auto& setting : values) differences.push_back(setting[a] - setting[b]);
      pairs.push_back(paired_difference(differences));
    }
  }
  const auto prior = fit_variance_prior(pairs, static_cast<double>((methods - 1) * (values.size() - 1)));
  std::vector<double> p;
  for (const auto& pair : pairs) p.push_back(compare(pair, prior).p);
  const auto adjusted = holm(p);
  std::vector<std::vector<bool>> separated(methods, std::vector<bool>(methods, false));
  std::size_t next = 0;
  for (std::size_t a = 0; a < methods; ++a) {
    for (std::size_t b = a + 1; b < methods; ++b) separated[a][b] = separated[b][a] = adjusted[next++] < kLevel;
  }
  return separated;
}

void rank_over_settings(Across& across, const std::vector<const Board*>& boards, const std::vector<Scale>& scales,
                        double sign) {
  std::vector<AcrossRow*> everywhere;
  for (auto& row : across.rows) {
    if (row.settings == boards.size()) everywhere.push_back(&row);
  }
  const auto methods = everywhere.size();
  if (boards.size() < 2 || methods < 2) return;
  Grid values;
  for (std::size_t i = 0; i < boards.size(); ++i) {
    values.emplace_back();
    for (const auto* row : everywhere) {
      const double mean = boards[i]->standing(row->label)->score.mean;
      values.back().push_back(scales.empty() ? sign * mean : scales[i].of(mean));
    }
    const auto ranks = ranks_of(values.back());
    for (std::size_t m = 0; m < methods; ++m) {
      everywhere[m]->mean_rank += ranks[m] / static_cast<double>(boards.size());
    }
  }
  const auto separated = separated_pairs(values, methods);
  std::vector<std::size_t> order(methods);
  for (std::size_t m = 0; m < methods; ++m) order[m] = m;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return everywhere[a]->mean_rank < everywhere[b]->mean_rank; });
  for (const auto m : order)
    across.marks.push_back({display_name(*everywhere[m]->method, everywhere[m]->label), everywhere[m]->mean_rank});
  std::size_t reached = 0;  // end of the last bar: a shorter one inside it says nothing new
  for (std::size_t begin = 0; begin < methods; ++begin) {
    std::size_t end = begin + 1;
    const auto joins = [&](std::size_t next) {
      return std::none_of(order.begin() + static_cast<std::ptrdiff_t>(begin),
                          order.begin() + static_cast<std::ptrdiff_t>(next),
                          [&](std::size_t m) { return separated[m][order[next]]; });
    };
    while (end < methods && joins(end)) ++end;
    if (end - begin > 1 && end > reached) {
      across.bars.push_back({across.marks[begin].mean_rank, across.marks[end - 1].mean_rank});
      reached = end;
    }
  }
}

}  // namespace

Across make_across(const Task& task, const std::vector<const Board*>& boards) {
  Across across;
  across.settings = boards.size();
  const auto scales = scales_of(task, boards);
  across.normalised = !scales.empty();
  const double sign = task.ranking().direction == Direction::kHigher ? 1 : -1;
  for (const auto* board : boards) {
    for (const auto& standing : board->standings) {
      const auto seen = [&](const AcrossRow& row) { return row.label == standing.label; };
      if (standing.rank && std::none_of(across.rows.begin(), across.rows.end(), seen)) {
        across.rows.push_back(make_row(standing, boards, scales));
      }
    }
  }
  const double order = across.normalised ? 1 : sign;
  std::stable_sort(across.rows.begin(), across.rows.end(),
                   [&](const AcrossRow& a, const AcrossRow& b) { return order * a.iqm.value > order * b.iqm.value; });
  rank_over_settings(across, boards, scales, sign);
  return across;
}

}  // namespace assay
