#include "learn/multi_label_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/streams.hpp"
#include "learn/contributions.hpp"
#include "learn/registry.hpp"

namespace assay::learn {
namespace {

using Rows = std::vector<std::vector<double>>;

// Labels as 1, 0 and .5 for unknown.
LabelTable table_of(const Rows& logits, const Rows& labels) {
  LabelTable table{logits.size(), logits.front().size(), {}, {}};
  for (std::size_t row = 0; row < logits.size(); ++row) {
    for (const double logit : logits[row]) table.logits.push_back(static_cast<float>(logit));
    for (const double y : labels[row]) {
      table.labels.push_back(y == 1 ? Label::kYes : y == 0 ? Label::kNo : Label::kUnknown);
    }
  }
  return table;
}

Rows column(const std::vector<double>& values) {
  Rows rows;
  for (const double value : values) rows.push_back({value});
  return rows;
}

double precision_of(const std::vector<double>& scores, const std::vector<double>& labels) {
  return average_precisions(table_of(column(scores), column(labels))).at(0);
}

double logit(double p) { return std::log(p / (1 - p)); }

// The example of the specification: four images, three classes.
LabelTable example() {
  Rows logits{{.9, .6, .2}, {.7, .4, .1}, {.2, .8, .6}, {.3, .55, .05}};
  for (auto& row : logits) std::transform(row.begin(), row.end(), row.begin(), logit);
  return table_of(logits, {{1, 0, 0}, {1, 1, 0}, {0, 1, 1}, {0, 0, 0}});
}

// Few distinct scores, so that many tie; some pairs unknown; one class may lack positives.
LabelTable random_table(std::size_t rows, std::size_t classes, std::uint64_t seed) {
  Stream draws(seed);
  LabelTable table{rows, classes, {}, {}};
  for (std::size_t pair = 0; pair < rows * classes; ++pair) {
    table.logits.push_back(static_cast<float>(draws.below(6)) - 2);
    const double u = draws.uniform();
    table.labels.push_back(u < 0.15 ? Label::kUnknown : u < 0.45 ? Label::kYes : Label::kNo);
  }
  return table;
}

LabelTable without_row(const LabelTable& table, std::size_t row) {
  LabelTable smaller = table;
  const auto from = static_cast<std::ptrdiff_t>(row * table.classes),
             to = from + static_cast<std::ptrdiff_t>(table.classes);
  smaller.logits.erase(smaller.logits.begin() + from, smaller.logits.begin() + to);
  smaller.labels.erase(smaller.labels.begin() + from, smaller.labels.begin() + to);
  smaller.rows = table.rows - 1;
  return smaller;
}

// --- Average precision

TEST(AveragePrecision, TakesTiedRowsTogether) {
  EXPECT_NEAR(precision_of({.9, .8, .8, .4, .1}, {1, 0, 1, 0, 1}), 0.755556, 1e-6);
  EXPECT_NEAR(precision_of({.9, .8, .79, .4, .1}, {1, 0, 1, 0, 1}), 0.755556, 1e-6);  // the tie broken, either way
  EXPECT_NEAR(precision_of({.9, .79, .8, .4, .1}, {1, 0, 1, 0, 1}), 0.866667, 1e-6);
  EXPECT_DOUBLE_EQ(precision_of({.5, .5, .5, .5}, {0, 0, 1, 0}), 0.25);
}

TEST(AveragePrecision, OfTheWorkedExample) {
  const auto values = average_precisions(example());
  EXPECT_DOUBLE_EQ(values[0], 1);
  EXPECT_DOUBLE_EQ(values[1], 0.75);
  EXPECT_DOUBLE_EQ(values[2], 1);
  EXPECT_NEAR(mean_of(values, Undefined::kSkip), .916667, 1e-6);
}

TEST(AveragePrecision, LeavesUnknownPairsOutOfTheirClass) {
  EXPECT_DOUBLE_EQ(precision_of({.9, .8, .7}, {.5, 1, 0}), 1);
  EXPECT_DOUBLE_EQ(precision_of({.9, .8, .7}, {0, 1, .5}), 0.5);
}

TEST(AveragePrecision, OfAClassWithoutPositivesIsSkippedOrZero) {
  const auto values = average_precisions(table_of({{2, 1}, {1, 2}}, {{1, 0}, {0, 0}}));
  EXPECT_EQ(values[0], 1);
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(mean_of(values, Undefined::kSkip), 1);
  EXPECT_EQ(mean_of(values, Undefined::kZero), 0.5);
  EXPECT_TRUE(std::isnan(precision_of({1, 2}, {.5, .5})));
  EXPECT_EQ(mean_of({values[1]}, Undefined::kSkip), 0);
}

TEST(AveragePrecision, TakesInfiniteLogitsAndRefusesNaN) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(precision_of({-infinity, infinity}, {0, 1}), 1);
  EXPECT_THROW(precision_of({std::nan(""), 1}, {0, 1}), NonFinite);
}

// The definition: over all distinct scores of the class, from above.
double defined_precision(const LabelTable& table, std::size_t k) {
  std::set<float, std::greater<>> thresholds;
  double positives = 0;
  for (std::size_t row = 0; row < table.rows; ++row) {
    const auto pair = row * table.classes + k;
    if (table.labels[pair] == Label::kUnknown) continue;
    thresholds.insert(table.logits[pair]);
    positives += table.labels[pair] == Label::kYes ? 1 : 0;
  }
  if (positives == 0) return std::nan("");
  double sum = 0, last_recall = 0;
  for (const float threshold : thresholds) {
    double hits = 0, taken = 0;
    for (std::size_t row = 0; row < table.rows; ++row) {
      const auto pair = row * table.classes + k;
      if (table.labels[pair] == Label::kUnknown || table.logits[pair] < threshold) continue;
      taken += 1;
      hits += table.labels[pair] == Label::kYes ? 1 : 0;
    }
    sum += (hits / positives - last_recall) * hits / taken;
    last_recall = hits / positives;
  }
  return sum;
}

TEST(AveragePrecision, AgreesWithItsDefinitionOnRandomTables) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto table = random_table(1 + seed % 17, 3, seed);
    const auto values = average_precisions(table);
    for (std::size_t k = 0; k < 3; ++k) {
      const double expected = defined_precision(table, k);
      EXPECT_EQ(std::isnan(values[k]), std::isnan(expected)) << seed;
      if (!std::isnan(expected)) {
        EXPECT_NEAR(values[k], expected, 1e-12) << seed;
      }
    }
  }
}

TEST(AveragePrecision, DoesNotDependOnTheOrderOfRows) {
  auto table = random_table(20, 1, 5);
  const auto before = average_precisions(table);
  std::reverse(table.logits.begin(), table.logits.end());
  std::reverse(table.labels.begin(), table.labels.end());
  EXPECT_EQ(average_precisions(table), before);
}

// --- Contributions

TEST(MapContributions, AreThoseOfScoringWithoutEachRow) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto table = random_table(1 + seed % 13, 4, seed);
    for (const auto undefined : {Undefined::kSkip, Undefined::kZero}) {
      const auto score = [undefined](const LabelTable& of) { return 100 * mean_of(average_precisions(of), undefined); };
      const auto expected =
          contributions(table.rows, score(table), [&](std::size_t row) { return score(without_row(table, row)); });
      const auto found = map_contributions(table, undefined);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t row = 0; row < found.size(); ++row) EXPECT_NEAR(found[row], expected[row], 1e-9) << seed;
    }
  }
}

TEST(MapContributions, HaveTheScoreAsTheirMean) {
  const auto values = map_contributions(example(), Undefined::kSkip);
  double sum = 0;
  for (const double value : values) sum += value;
  EXPECT_NEAR(sum / 4, 91.6667, 1e-4);
}

// --- Predictions and their scores

TEST(LabelScores, OfTheWorkedExampleAtOneHalf) {
  const auto table = example();
  const auto predicted = at_threshold(table, 0.5);
  EXPECT_EQ(predicted, (std::vector<std::uint8_t>{1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0}));
  const auto scores = label_scores(table, predicted);
  EXPECT_NEAR(scores.overall.precision, .666667, 1e-6);
  EXPECT_NEAR(scores.overall.recall, .8, 1e-6);
  EXPECT_NEAR(scores.overall.f1, .727273, 1e-6);
  EXPECT_NEAR(scores.per_class.precision, .777778, 1e-6);
  EXPECT_NEAR(scores.per_class.recall, .833333, 1e-6);
  EXPECT_NEAR(scores.per_class.f1, .804598, 1e-6);
  EXPECT_NEAR(scores.macro_f1, .8, 1e-6);
  EXPECT_NEAR(scores.classes[0].f1, 1, 1e-12);
  EXPECT_NEAR(scores.classes[1].f1, .4, 1e-12);
  EXPECT_NEAR(scores.classes[2].f1, 1, 1e-12);
}

TEST(LabelScores, OfTheWorkedExampleAtTheTrueCountsAreAllOne) {
  const auto table = example();
  const auto scores = label_scores(table, at_true_count(table));
  for (const double value : {scores.overall.precision, scores.overall.recall, scores.overall.f1,
                             scores.per_class.precision, scores.per_class.recall, scores.macro_f1}) {
    EXPECT_EQ(value, 1);
  }
}

TEST(LabelScores, OfAClassNeverPredictedOrWithoutPositives) {
  // Class 0: one hit. Class 1: never predicted. Class 2: no positives, predicted once. Class 3: nothing at all.
  const auto table = table_of({{1, -1, 1, -1}, {-1, -1, -1, -1}}, {{1, 1, 0, 0}, {0, 0, 0, 0}});
  const auto predicted = at_threshold(table, 0.5);
  const auto zero = label_scores(table, predicted), skip = label_scores(table, predicted, Undefined::kSkip);
  EXPECT_DOUBLE_EQ(zero.per_class.precision, 1.0 / 4);
  EXPECT_DOUBLE_EQ(skip.per_class.precision, 1.0 / 2);  // classes 0 and 2
  EXPECT_DOUBLE_EQ(zero.per_class.recall, 1.0 / 2);     // classes 0 and 1
  EXPECT_DOUBLE_EQ(zero.macro_f1, 1.0 / 4);
  EXPECT_TRUE(std::isnan(zero.classes[1].precision));
  EXPECT_EQ(zero.classes[1].recall, 0);
  EXPECT_TRUE(std::isnan(zero.classes[2].recall));
  EXPECT_EQ(zero.classes[3].f1, 0);
}

TEST(LabelScores, OfNothingAreZero) {
  const auto table = table_of({{-1}, {-2}}, {{0}, {0}});
  const auto scores = label_scores(table, at_threshold(table, 0.5));
  EXPECT_EQ(scores.overall.precision, 0);
  EXPECT_EQ(scores.overall.recall, 0);
  EXPECT_EQ(scores.overall.f1, 0);
  EXPECT_EQ(scores.per_class.f1, 0);
  EXPECT_EQ(scores.macro_f1, 0);
}

TEST(LabelScores, AgreeWithTheirDefinitionOnRandomTables) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto table = random_table(12, 4, seed);
    const auto predicted = at_threshold(table, 0.5);
    const auto count = [&](std::size_t first, std::size_t last, auto counted) {  // over classes first..last-1
      double sum = 0;
      for (std::size_t row = 0; row < table.rows; ++row) {
        for (std::size_t k = first; k < last; ++k) {
          const auto pair = row * table.classes + k;
          if (table.labels[pair] == Label::kUnknown) continue;
          sum += counted(table.labels[pair] == Label::kYes, predicted[pair] == 1) ? 1 : 0;
        }
      }
      return sum;
    };
    const auto hit = [](bool yes, bool said) { return yes && said; };
    const auto yes_only = [](bool yes, bool) { return yes; };
    const auto said_only = [](bool, bool said) { return said; };
    double cp = 0, cr = 0, with_positives = 0, macro = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const double tp = count(k, k + 1, hit), pp = count(k, k + 1, said_only), pn = count(k, k + 1, yes_only);
      cp += pp > 0 ? tp / pp / 4 : 0;
      cr += pn > 0 ? tp / pn : 0;
      with_positives += pn > 0 ? 1 : 0;
      macro += pp + pn > 0 ? 2 * tp / (pp + pn) / 4 : 0;
    }
    cr /= with_positives;
    const double op = count(0, 4, hit) / count(0, 4, said_only), recall = count(0, 4, hit) / count(0, 4, yes_only);
    const auto scores = label_scores(table, predicted);
    EXPECT_NEAR(scores.overall.precision, op, 1e-12);
    EXPECT_NEAR(scores.overall.recall, recall, 1e-12);
    EXPECT_NEAR(scores.overall.f1, 2 * op * recall / (op + recall), 1e-12);
    EXPECT_NEAR(scores.per_class.precision, cp, 1e-12);
    EXPECT_NEAR(scores.per_class.recall, cr, 1e-12);
    EXPECT_NEAR(scores.per_class.f1, 2 * cp * cr / (cp + cr), 1e-12);
    EXPECT_NEAR(scores.macro_f1, macro, 1e-12);
  }
}

TEST(AtThreshold, IncludesTheThresholdItself) {
  const auto table = table_of({{0, -1e-6, logit(.3), -4}}, {{0, 0, 0, 0}});
  EXPECT_EQ(at_threshold(table, 0.5), (std::vector<std::uint8_t>{1, 0, 0, 0}));
  EXPECT_EQ(at_threshold(table, 0.29), (std::vector<std::uint8_t>{1, 1, 1, 0}));
  EXPECT_EQ(at_threshold(table, 0), (std::vector<std::uint8_t>{1, 1, 1, 1}));
  EXPECT_EQ(at_threshold(table, 1), (std::vector<std::uint8_t>{0, 0, 0, 0}));
}

TEST(AtTrueCount, TakesScoresStrictlyAboveTheNextOne) {
  const Rows logits{{3, 2, 1, 0}, {3, 2, 2, 0}, {3, 2, 1, 0}, {-3, -2, -1, 0}};
  const auto predicted = at_true_count(table_of(logits, {{0, 0, 1, 1}, {1, 1, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}}));
  EXPECT_EQ(predicted, (std::vector<std::uint8_t>{1, 1, 0, 0,     // two labels: the two best
                                                  1, 0, 0, 0,     // the third equals the second: neither
                                                  0, 0, 0, 0,     // no label: none
                                                  1, 1, 1, 1}));  // all labels: all
}

TEST(AtTrueCount, RanksKnownPairsOnly) {
  EXPECT_EQ(at_true_count(table_of({{3, 2, 1}, {3, 2, 1}}, {{.5, 1, 0}, {.5, 1, 1}})),
            (std::vector<std::uint8_t>{0, 1, 0, 0, 1, 1}));
}

TEST(AtTrueCount, AgreesWithCountingWhatIsAbove) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto table = random_table(8, 5, seed);
    const auto predicted = at_true_count(table);
    for (std::size_t pair = 0; pair < predicted.size(); ++pair) {
      const auto begin = pair / 5 * 5;
      std::size_t yes = 0, not_below = 0;  // n, and the known scores of the row that are no smaller than this one
      for (std::size_t other = begin; other < begin + 5; ++other) {
        if (table.labels[other] == Label::kUnknown) continue;
        yes += table.labels[other] == Label::kYes ? 1 : 0;
        not_below += table.logits[other] >= table.logits[pair] ? 1 : 0;
      }
      // Strictly above the (n+1)-th largest: at most n scores are as large.
      EXPECT_EQ(predicted[pair] == 1, table.labels[pair] != Label::kUnknown && not_below <= yes) << seed;
    }
  }
}

// Without ties as many are predicted as there are, so that precision, recall and F1 over all pairs are one number.
TEST(AtTrueCount, HasEqualPrecisionAndRecallWithoutTies) {
  auto table = random_table(30, 5, 3);
  Stream draws(4);
  for (auto& logit : table.logits) logit = static_cast<float>(draws.normal());
  const auto overall = label_scores(table, at_true_count(table)).overall;
  EXPECT_DOUBLE_EQ(overall.precision, overall.recall);
  EXPECT_DOUBLE_EQ(overall.precision, overall.f1);
}

}  // namespace
}  // namespace assay::learn
