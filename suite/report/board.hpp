// A leaderboard of one (task, setting, tier) as numbers: who ran, who is ranked where, and what is odd. No formatting.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/statistics.hpp"
#include "report/answers.hpp"
#include "store/records.hpp"

namespace assay {

struct SeedScore {
  std::int64_t seed = 0;
  const Result* run = nullptr;
  double score = 0;
  bool imputed = false;              // the run failed: this is the floor method's score
  const Result* answered = nullptr;  // the run whose score it is; null where it is the mean of the floor's runs
};

// Signs of a result that is a number but no achievement.
enum class Oddity { kAtFloor, kConstantAnswers, kNoSpread, kSameAsOther };
struct Flag {
  Oddity oddity;
  std::size_t seeds = 0;  // in how many seeds it was seen
  std::string other;      // of kSameAsOther: the other label
};

struct Standing {
  const Method* method = nullptr;
  std::string label;       // "sam[rho=0.1]"
  bool reference = false;  // a reference, or it sees clean labels: below the line, never ranked
  std::size_t planned = 0;
  std::vector<const Result*> ok, failed;   // by seed, in the board's environment
  std::vector<SeedScore> scores;           // by seed; failed ones imputed where the floor method has a score
  Summary score;                           // of the board's metric over `scores`
  std::size_t examples = 0;                // score's interval is over so many test examples; 0: it is over seeds
  std::map<std::string, Summary> metrics;  // over ok runs
  Summary seconds;                         // the task's cost, over ok runs
  std::size_t tested_as = 0;               // place among the methods that were tested
  std::optional<RankRange> rank;           // none for references and where there is no score
  std::optional<Comparison> to_baseline;   // none for the baseline itself and where either has no score
  std::vector<Flag> flags;

  std::size_t imputed() const;
  bool has_run() const { return !ok.empty() || !failed.empty(); }
};

// How the order would change were another selection of the epoch reported.
struct SelectionEffect {
  const Metric* metric = nullptr;
  std::size_t swapped = 0, pairs = 0;  // pairs of ranked methods whose order of means turns round
  std::string leader, usual_leader;    // labels with the best mean
};

struct OtherEnvironment {
  std::string id;
  std::size_t ok = 0, failed = 0;
};

// Which noise the tests of pairs met.
struct TestedPairs {
  std::size_t all = 0;
  std::size_t by_seeds = 0;        // of training, and of the examples where these are known
  std::size_t by_examples = 0;     // of the examples alone: nothing in the two methods is random
  std::size_t examples = 0;        // the most that took part in a test by examples
  bool counts_examples = false;    // stored predictions took part in the tests by seeds
  std::optional<double> smallest;  // the median difference that a pair needs to be separated; none without tests

  std::size_t tested() const { return by_seeds + by_examples; }
};

struct Board {
  const Task* task = nullptr;
  const Setting* setting = nullptr;
  std::string tier;
  const BoardView* view = nullptr;  // none: the task's main leaderboard
  const Metric* metric = nullptr;   // ranks here
  std::string environment;          // the one with most ok executions; "" where nothing has run
  std::vector<OtherEnvironment> others;
  std::vector<Standing>
      standings;           // ranked ones by range, then name; then ranked ones without any run; references last
  std::size_t ranked = 0;  // the first so many have a rank
  std::size_t planned = 0, ok = 0, failed = 0, undeclared = 0;  // undeclared: results of methods without a card
  TestedPairs tests;
  std::vector<SelectionEffect> selection;

  VariancePrior prior;                  // of the tests
  std::vector<PairedDifference> pairs;  // of ranked methods, as tested: (0,1), (0,2), ..., (1,2), ... of tested_as

  const Standing* standing(const std::string& label) const;
  // a - b of a metric, paired over shared seeds: as in the ranking where both are ranked by it, otherwise over ok seeds
  // with the pair's own variance. n = 0 where no seed is shared.
  Comparison difference(const Standing& a, const Standing& b, const std::string& metric) const;
  bool empty() const { return ok + failed == 0; }
};

using PredictionsOf = std::function<std::vector<Prediction>(std::int64_t execution)>;

// The leaderboards of one (task, setting, tier): the main one, then the task's views, all of the same runs.
// `rows`: its current executions in all environments, which outlive the boards.
std::vector<Board> make_boards(const Catalog& catalog, const Task& task, const Setting& setting,
                               const std::string& tier, std::span<const Result> rows, const PredictionsOf& predictions);

}  // namespace assay
