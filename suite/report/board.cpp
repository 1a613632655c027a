#include "report/board.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace assay {

namespace {

constexpr double kLevel = 0.05;

bool better(const Metric& metric, double a, double b) { return metric.direction == Direction::kHigher ? a > b : a < b; }

// The environment with most ok executions; of equal ones the one that ran last.
std::string shown_environment(std::span<const Result> rows, std::vector<OtherEnvironment>& others) {
  struct Tally {
    std::size_t ok = 0, failed = 0;
    std::int64_t newest = 0;
  };
  std::map<std::string, Tally> tallies;
  for (const auto& row : rows) {
    auto& tally = tallies[row.environment];
    ++(row.ok() ? tally.ok : tally.failed);
    tally.newest = std::max(tally.newest, row.started_ms);
  }
  const auto best = std::max_element(tallies.begin(), tallies.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.ok, a.second.newest) < std::pair(b.second.ok, b.second.newest);
  });
  if (best == tallies.end()) return "";
  for (const auto& [id, tally] : tallies) {
    if (id != best->first) others.push_back({id, tally.ok, tally.failed});
  }
  return best->first;
}

// The newest execution of each (label, seed) in the environment: an older budget or parameter set can leave several.
std::map<std::string, std::map<std::int64_t, const Result*>> newest_runs(std::span<const Result> rows,
                                                                         const std::string& environment) {
  std::map<std::string, std::map<std::int64_t, const Result*>> runs;
  for (const auto& row : rows) {
    if (row.environment != environment) continue;
    auto& place = runs[row.label][row.seed];
    if (!place || row.started_ms >= place->started_ms) place = &row;
  }
  return runs;
}

bool sees_clean_labels(const Method& method) {
  return std::find(method.privileged.begin(), method.privileged.end(), "clean_labels") != method.privileged.end();
}

Standing make_standing(const Task& task, const Method& method, const std::string& label, const Tier& tier,
                       const std::map<std::int64_t, const Result*>& runs) {
  Standing standing;
  standing.method = &method;
  standing.label = label;
  standing.reference = method.role == Role::kReference || sees_clean_labels(method);
  standing.planned = std::max(tier.seeds.size(), runs.size());
  std::map<std::string, std::vector<double>> values;
  std::vector<double> seconds;
  for (const auto& [seed, run] : runs) {
    (run->ok() ? standing.ok : standing.failed).push_back(run);
    if (!run->ok()) continue;
    for (const auto& [name, value] : run->metrics) values[name].push_back(value);
    seconds.push_back(task.cost.empty() ? run->seconds : value_of(*run, task.cost).value_or(run->seconds));
  }
  for (const auto& [name, list] : values) standing.metrics[name] = summarise(list);
  standing.seconds = summarise(seconds);
  return standing;
}

// What a failed run counts: the floor method's score for its seed, or its mean where it has none for it.
std::optional<SeedScore> imputed_score(const Standing* floor, const Result& failed, const std::string& metric) {
  if (!floor) return std::nullopt;
  for (const auto* run : floor->ok) {
    if (run->seed != failed.seed) continue;
    const auto value = value_of(*run, metric);
    return value ? std::optional(SeedScore{failed.seed, &failed, *value, true, run}) : std::nullopt;
  }
  const auto mean = floor->metrics.find(metric);
  if (mean == floor->metrics.end()) return std::nullopt;
  return SeedScore{failed.seed, &failed, mean->second.mean, true, nullptr};
}

void score(Standing& standing, const Metric& metric, const Standing* floor) {
  for (const auto* run : standing.ok) {
    if (const auto value = value_of(*run, metric.name)) standing.scores.push_back({run->seed, run, *value, false, run});
  }
  for (const auto* run : standing.failed) {
    if (const auto imputed = imputed_score(floor, *run, metric.name)) standing.scores.push_back(*imputed);
  }
  std::sort(standing.scores.begin(), standing.scores.end(),
            [](const SeedScore& a, const SeedScore& b) { return a.seed < b.seed; });
  std::vector<double> values;
  for (const auto& seed : standing.scores) values.push_back(seed.score);
  standing.score = summarise(values);
}

// S7: seeds that only repeat one another give a score no interval; the examples do, where they are known.
void set_intervals(Board& board, const AnswerSheets& answers) {
  const Metric& metric = *board.metric;
  for (auto& standing : board.standings) {
    auto& score = standing.score;
    if (standing.method->deterministic && score.n > 0 && score.sd == 0) {
      const auto* run = standing.scores.front().answered;
      const Compared alone{run ? run->id : kNoRun, kNoRun};
      const auto noise = run ? answers.noise(metric, std::span(&alone, 1)) : std::nullopt;
      const bool known = noise && noise->examples > 1;
      standing.examples = known ? noise->examples : 0;
      score.interval = known ? std::optional(example_interval(score.mean, *noise)) : std::nullopt;
    }
    if (!score.interval) continue;  // no score lies outside the metric's bounds
    score.interval->low = std::max(score.interval->low, metric.low.value_or(score.interval->low));
    score.interval->high = std::min(score.interval->high, metric.high.value_or(score.interval->high));
  }
}

PairedDifference difference_of(const Metric& metric, const Standing& a, const Standing& b,
                               const AnswerSheets& answers) {
  std::vector<double> differences;
  std::vector<Compared> runs;
  auto other = b.scores.begin();
  for (const auto& mine : a.scores) {
    while (other != b.scores.end() && other->seed < mine.seed) ++other;
    if (other == b.scores.end()) break;
    if (other->seed != mine.seed) continue;
    differences.push_back(mine.score - other->score);
    if (mine.answered && other->answered) runs.push_back({mine.answered->id, other->answered->id});
  }
  const auto noise = runs.size() == differences.size() ? answers.noise(metric, runs) : std::nullopt;
  return paired_difference(differences, noise.value_or(ExampleNoise{}),
                           a.method->deterministic && b.method->deterministic);
}

// The degrees of freedom that the noise of training really has on a board: of k methods on n seeds (k-1)(n-1), where a
// method that draws nothing adds none of its own.
double noise_freedom(const Board& board) {
  std::size_t seeds = 0, random = 0;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    seeds = std::max(seeds, board.standings[i].scores.size());
    random += !board.standings[i].method->deterministic;
  }
  if (board.ranked < 2 || seeds < 2) return 0;
  return static_cast<double>(std::min(board.ranked - 1, random) * (seeds - 1));
}

void count_test(TestedPairs& tests, const PairedDifference& pair, const Comparison& test) {
  if (!test.interval) return;
  ++(test.examples ? tests.by_examples : tests.by_seeds);
  tests.examples = std::max(tests.examples, test.examples);
  tests.counts_examples |= !test.examples && pair.examples.variance > 0;
}

// Fits what the pairs say together of the noise of training, tests each, and corrects. Holm-adjusted p-values.
std::vector<double> test_pairs(Board& board, const std::vector<std::pair<std::size_t, std::size_t>>& who) {
  std::vector<PairedDifference>
      steady;  // a failure is no training noise: its imputed score must not widen all other pairs
  for (std::size_t i = 0; i < who.size(); ++i) {
    const auto& [a, b] = who[i];
    if (board.standings[a].imputed() + board.standings[b].imputed() == 0) steady.push_back(board.pairs[i]);
  }
  board.prior = fit_variance_prior(steady, noise_freedom(board));
  board.tests.all = board.pairs.size();
  std::vector<double> p, needed;
  std::map<double, double> strictest;  // freedom -> quantile of Holm's first step
  for (const auto& pair : board.pairs) {
    const auto test = compare(pair, board.prior);
    p.push_back(test.p);
    count_test(board.tests, pair, test);
    if (!test.interval) continue;
    auto& quantile = strictest[test.freedom];
    if (quantile == 0) quantile = t_quantile(1 - kLevel / 2 / static_cast<double>(board.pairs.size()), test.freedom);
    needed.push_back(quantile * test.standard_error);
  }
  if (!needed.empty()) board.tests.smallest = median(needed);
  return holm(p);
}

// Ranks the first `board.ranked` standings by tests of all their pairs, and compares everything with the baseline.
void rank(Board& board, const AnswerSheets& answers) {
  const Metric& metric = *board.metric;
  const double sign = metric.direction == Direction::kHigher ? 1 : -1;
  auto& pairs = board.pairs;
  std::vector<std::pair<std::size_t, std::size_t>> who;
  for (std::size_t a = 0; a < board.ranked; ++a) {
    board.standings[a].tested_as = a;
    for (std::size_t b = a + 1; b < board.ranked; ++b) {
      pairs.push_back(difference_of(metric, board.standings[a], board.standings[b], answers));
      who.emplace_back(a, b);
    }
  }
  std::vector<Separation> separations;
  const auto adjusted = test_pairs(board, who);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (adjusted[i] >= kLevel) continue;
    const bool first_wins = sign * pairs[i].mean > 0;
    separations.push_back(first_wins ? Separation{who[i].first, who[i].second}
                                     : Separation{who[i].second, who[i].first});
  }
  const auto ranges = rank_ranges(board.ranked, separations);
  for (std::size_t i = 0; i < board.ranked; ++i) board.standings[i].rank = ranges[i];

  const Standing* baseline = board.standing(board.task->baseline);
  if (!baseline || baseline->scores.empty()) return;
  for (auto& standing : board.standings) {
    if (&standing == baseline || standing.scores.empty()) continue;
    standing.to_baseline = compare(difference_of(metric, standing, *baseline, answers), board.prior);
  }
}

void flag(Board& board, const AnswerSheets& answers) {
  const Metric& metric = *board.metric;
  const double equal = 0.5 * std::pow(10.0, -metric.decimals);  // the same number as printed
  const Standing* floor = board.standing(board.task->floor);
  std::map<std::string, std::set<std::string>> labels_of;  // digest -> labels
  for (const auto& standing : board.standings) {
    for (const auto* run : standing.ok) {
      if (!run->digest.empty()) labels_of[run->digest].insert(standing.label);
    }
  }
  for (auto& standing : board.standings) {
    if (standing.method->role == Role::kReference) continue;
    std::size_t at_floor = 0, constant = 0;
    std::map<std::string, std::size_t> same;
    for (const auto& seed : standing.scores) {
      if (seed.imputed) continue;
      constant += answers.constant(seed.run->id);
      for (const auto& other : floor&& floor != &standing ? floor->scores : std::vector<SeedScore>{}) {
        at_floor += other.seed == seed.seed && std::abs(other.score - seed.score) <= equal;
      }
      if (const auto found = labels_of.find(seed.run->digest); found != labels_of.end()) {
        for (const auto& other : found->second) same[other] += other != standing.label;
      }
    }
    const auto ok = standing.ok.size();
    if (at_floor) standing.flags.push_back({Oddity::kAtFloor, at_floor, ""});
    if (constant) standing.flags.push_back({Oddity::kConstantAnswers, constant, ""});
    if (ok > 1 && standing.imputed() == 0 && standing.score.sd == 0 && !standing.method->deterministic) {
      standing.flags.push_back({Oddity::kNoSpread, ok, ""});
    }
    for (const auto& [other, seeds] : same) {
      if (seeds) standing.flags.push_back({Oddity::kSameAsOther, seeds, other});
    }
  }
}

void compare_selections(Board& board) {
  const Metric& ranking = *board.metric;
  for (const auto& metric : board.task->metrics) {
    if (!metric.selection || !ranking.ranks) continue;
    SelectionEffect effect{&metric, 0, 0, "", ""};
    std::vector<std::tuple<double, double, std::string>> means;
    for (std::size_t i = 0; i < board.ranked; ++i) {
      const auto& metrics = board.standings[i].metrics;
      if (!board.standings[i].failed.empty()) continue;  // its mean is not one of epochs alone
      const auto usual = metrics.find(ranking.name), other = metrics.find(metric.name);
      if (usual == metrics.end() || other == metrics.end()) continue;
      means.emplace_back(usual->second.mean, other->second.mean, board.standings[i].label);
    }
    if (means.size() < 2) continue;
    double best_usual = 0, best_other = 0;
    for (std::size_t i = 0; i < means.size(); ++i) {
      const auto& [usual, other, label] = means[i];
      if (i == 0 || better(ranking, usual, best_usual)) best_usual = usual, effect.usual_leader = label;
      if (i == 0 || better(ranking, other, best_other)) best_other = other, effect.leader = label;
      for (std::size_t j = 0; j < i; ++j) {
        ++effect.pairs;
        effect.swapped += (usual - std::get<0>(means[j])) * (other - std::get<1>(means[j])) < 0;
      }
    }
    board.selection.push_back(effect);
  }
}

std::optional<double> score_of(const Standing& standing, std::int64_t seed, const std::string& metric) {
  for (const auto* run : standing.ok) {
    if (run->seed == seed) return value_of(*run, metric);
  }
  return std::nullopt;
}

// The metrics that take several runs: paired by seed, so that a seed's luck with its teacher cancels out.
void close_gaps(Board& board, const Metric& metric) {
  const Standing *from = board.standing(metric.closes->from), *to = board.standing(metric.closes->to);
  if (!from || !to) return;
  const auto& ranking = board.task->ranking().name;
  std::map<std::int64_t, std::pair<double, double>> ends;
  double gaps = 0;
  for (const auto* run : from->ok) {
    const auto low = value_of(*run, ranking), high = score_of(*to, run->seed, ranking);
    if (!low || !high || *low == *high) continue;
    ends[run->seed] = {*low, *high};
    gaps += *high - *low;
  }
  if (ends.empty() || std::abs(gaps) / static_cast<double>(ends.size()) < metric.closes->least) return;
  for (auto& standing : board.standings) {
    if (standing.reference && &standing != from && &standing != to) continue;  // a constant answer closes no gap
    std::vector<double> closed;
    for (const auto& [seed, end] : ends) {
      if (const auto score = score_of(standing, seed, ranking)) {
        closed.push_back(100 * (*score - end.first) / (end.second - end.first));
      }
    }
    if (!closed.empty()) standing.metrics[metric.name] = summarise(closed);
  }
}

void gather(Board& board, const Catalog& catalog, const Tier& tier, std::span<const Result> rows) {
  auto runs = newest_runs(rows, board.environment);
  for (const auto* method : catalog.methods_of(board.task->id)) {
    for (const auto& entry : default_entries(*method, board.tier)) {
      if (!takes_part(entry, board.tier, *board.setting) || !tier.runs(entry.label)) continue;
      board.standings.push_back(make_standing(*board.task, *method, entry.label, tier, runs[entry.label]));
      runs.erase(entry.label);
    }
  }
  for (const auto& [label, by_seed] : runs) {  // chosen on the command line
    const Method* method = catalog.method(board.task->id, by_seed.begin()->second->method);
    if (method) {
      board.standings.push_back(make_standing(*board.task, *method, label, tier, by_seed));
    } else {
      board.undeclared += by_seed.size();
    }
  }
  for (const auto& metric : board.task->metrics) {
    if (metric.closes) close_gaps(board, metric);
  }
  const Standing* floor = board.standing(board.task->floor);
  for (auto& standing : board.standings) {
    score(standing, *board.metric, floor);
    board.planned += standing.planned;
    board.ok += standing.ok.size();
    board.failed += standing.failed.size();
  }
}

// Ranked with a score, then ranked without one, then references; by name inside.
int section_of(const Standing& standing) { return standing.reference ? 2 : standing.scores.empty() ? 1 : 0; }

Board make_board(const Catalog& catalog, const Task& task, const Setting& setting, const std::string& tier,
                 const BoardView* view, std::span<const Result> rows) {
  Board board;
  board.task = &task;
  board.setting = &setting;
  board.tier = tier;
  board.view = view;
  board.metric = view ? task.metric(view->metric) : &task.ranking();
  board.environment = shown_environment(rows, board.others);
  gather(board, catalog, setting.tiers.at(tier), rows);
  std::stable_sort(board.standings.begin(), board.standings.end(), [](const Standing& a, const Standing& b) {
    return std::pair(section_of(a), a.method->name) < std::pair(section_of(b), b.method->name);
  });
  board.ranked = static_cast<std::size_t>(std::count_if(board.standings.begin(), board.standings.end(),
                                                        [](const Standing& s) { return section_of(s) == 0; }));
  return board;
}

void judge(Board& board, const AnswerSheets& answers) {
  set_intervals(board, answers);
  rank(board, answers);
  flag(board, answers);
  compare_selections(board);
  std::stable_sort(board.standings.begin(), board.standings.begin() + static_cast<std::ptrdiff_t>(board.ranked),
                   [](const Standing& a, const Standing& b) {
                     return std::pair(a.rank->best, a.rank->worst) < std::pair(b.rank->best, b.rank->worst);
                   });
}

}  // namespace

std::size_t Standing::imputed() const {
  return static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(), [](const SeedScore& seed) { return seed.imputed; }));
}

const Standing* Board::standing(const std::string& label) const {
  const auto found = std::find_if(standings.begin(), standings.end(), [&](const auto& s) { return s.label == label; });
  return found == standings.end() ? nullptr : &*found;
}

Comparison Board::difference(const Standing& a, const Standing& b, const std::string& metric) const {
  if (a.rank && b.rank && a.tested_as != b.tested_as && metric == this->metric->name) {
    const auto [first, second] = std::minmax(a.tested_as, b.tested_as);
    auto pair = pairs[first * (2 * ranked - first - 1) / 2 + second - first - 1];
    if (a.tested_as > b.tested_as) pair.mean = -pair.mean;
    return compare(pair, prior);
  }
  std::vector<double> differences;
  for (const auto* mine : a.ok) {
    for (const auto* other : b.ok) {
      const auto x = value_of(*mine, metric), y = value_of(*other, metric);
      if (mine->seed == other->seed && x && y) differences.push_back(*x - *y);
    }
  }
  return compare(paired_difference(differences, {}, a.method->deterministic && b.method->deterministic), {});
}

std::vector<Board> make_boards(const Catalog& catalog, const Task& task, const Setting& setting,
                               const std::string& tier, std::span<const Result> rows,
                               const PredictionsOf& predictions) {
  std::vector<Board> boards;
  std::vector<const Metric*> metrics;
  for (std::size_t i = 0; i <= task.views.size(); ++i) {
    const BoardView* view = i == 0 ? nullptr : &task.views[i - 1];
    boards.push_back(make_board(catalog, task, setting, tier, view, rows));
    metrics.push_back(boards.back().metric);
  }
  AnswerSheets answers(metrics);
  for (const auto& standing : boards.front().standings) {
    for (const auto* run : standing.ok) answers.add(*run, predictions(run->id));
  }
  for (auto& board : boards) judge(board, answers);
  return boards;
}

}  // namespace assay
