#include "learn/multi_label_scores.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "learn/contributions.hpp"
#include "learn/registry.hpp"

namespace assay::learn {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double share(double part, double of) { return of == 0 ? 0 : part / of; }

double share_or_none(double part, double of) { return of == 0 ? kNone : part / of; }

// One class: its known rows, taken in group by group of equal scores, highest first.
struct Ranking {
  struct Group {
    double hits = 0;                     // positives in the group
    double hits_so_far = 0, so_far = 0;  // positives and rows in the group and before it
    double precision() const { return hits_so_far / so_far; }
  };
  std::vector<Group> groups;
  std::vector<std::size_t> group_of;  // [rows]; of known rows only
  double positives = 0;
};

Ranking ranking_of(const LabelTable& table, std::size_t k) {
  const auto logit = [&](std::size_t row) { return table.logits[row * table.classes + k]; };
  std::vector<std::size_t> known;
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (table.labels[row * table.classes + k] == Label::kUnknown) continue;
    if (std::isnan(logit(row))) throw NonFinite("a logit to rank by is NaN");
    known.push_back(row);
  }
  std::sort(known.begin(), known.end(), [&](std::size_t a, std::size_t b) { return logit(a) > logit(b); });

  Ranking ranking;
  ranking.group_of.resize(table.rows);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i == 0 || logit(known[i]) != logit(known[i - 1])) {
      ranking.groups.push_back({0, ranking.positives, static_cast<double>(i)});
    }
    auto& group = ranking.groups.back();
    const double hit = table.labels[known[i] * table.classes + k] == Label::kYes ? 1 : 0;
    group.hits += hit;
    group.hits_so_far += hit;
    group.so_far += 1;
    ranking.positives += hit;
    ranking.group_of[known[i]] = ranking.groups.size() - 1;
  }
  return ranking;
}

double average_precision(const Ranking& ranking) {
  double sum = 0;
  for (const auto& group : ranking.groups) sum += group.hits * group.precision();
  return share_or_none(sum, ranking.positives);
}

// The average precision of a class without one of its rows. Groups before the row's own keep their precision; its own
// and those behind it lose one row and, if the row is a positive, one hit. Sums of either kind are made once.
class Without {
 public:
  explicit Without(Ranking ranking) : ranking_(std::move(ranking)), all_(average_precision(ranking_)) {
    const auto& groups = ranking_.groups;
    before_.assign(groups.size(), 0);
    behind_positive_.assign(groups.size(), 0);
    behind_negative_.assign(groups.size(), 0);
    for (std::size_t g = 1; g < groups.size(); ++g) {
      before_[g] = before_[g - 1] + groups[g - 1].hits * groups[g - 1].precision();
    }
    for (std::size_t g = groups.size(); g-- > 1;) {
      const auto& group = groups[g];
      const double others = group.so_far - 1;
      behind_positive_[g - 1] = behind_positive_[g] + group.hits * (group.hits_so_far - 1) / others;
      behind_negative_[g - 1] = behind_negative_[g] + group.hits * group.hits_so_far / others;
    }
  }

  double row(std::size_t row, Label label) const {
    if (label == Label::kUnknown) return all_;
    const auto g = ranking_.group_of[row];
    const auto& group = ranking_.groups[g];
    const double gone = label == Label::kYes ? 1 : 0;
    const double own = (group.hits - gone) * share(group.hits_so_far - gone, group.so_far - 1);
    const double behind = label == Label::kYes ? behind_positive_[g] : behind_negative_[g];
    return share_or_none(before_[g] + own + behind, ranking_.positives - gone);
  }

 private:
  Ranking ranking_;
  double all_;
  std::vector<double> before_, behind_positive_, behind_negative_;  // sums of hits * precision
};

F1 f1_of(double precision, double recall) {
  return {precision, recall, share(2 * precision * recall, precision + recall)};
}

// Precision and recall as they are, NaN where they are 0/0.
F1 of_class(const Counts& counts) {
  const auto hit = static_cast<double>(counts.hit), predicted = static_cast<double>(counts.predicted),
             positive = static_cast<double>(counts.positive);
  return {share_or_none(hit, predicted), share_or_none(hit, positive), share(2 * hit, predicted + positive)};
}

}  // namespace

std::vector<double> average_precisions(const LabelTable& table) {
  std::vector<double> values;
  for (std::size_t k = 0; k < table.classes; ++k) values.push_back(average_precision(ranking_of(table, k)));
  return values;
}

double mean_of(const std::vector<double>& shares, Undefined undefined) {
  double sum = 0, counted = 0;
  for (const double value : shares) {
    if (std::isnan(value) && undefined == Undefined::kSkip) continue;
    sum += std::isnan(value) ? 0 : value;
    counted += 1;
  }
  return share(sum, counted);
}

std::vector<double> map_contributions(const LabelTable& table, Undefined undefined) {
  std::vector<Without> classes;
  for (std::size_t k = 0; k < table.classes; ++k) classes.emplace_back(ranking_of(table, k));
  std::vector<double> precisions(table.classes);
  return contributions(table.rows, 100 * mean_of(average_precisions(table), undefined), [&](std::size_t row) {
    for (std::size_t k = 0; k < table.classes; ++k) {
      precisions[k] = classes[k].row(row, table.labels[row * table.classes + k]);
    }
    return 100 * mean_of(precisions, undefined);
  });
}

LabelScores label_scores(const LabelTable& table, const std::vector<std::uint8_t>& predicted,
                         Undefined precision_of_none) {
  std::vector<Counts> counts(table.classes);
  Counts all;
  for (std::size_t pair = 0; pair < table.labels.size(); ++pair) {
    if (table.labels[pair] == Label::kUnknown) continue;
    const bool yes = table.labels[pair] == Label::kYes, said = predicted[pair] != 0;
    for (auto* of : {&counts[pair % table.classes], &all}) {
      of->hit += yes && said ? 1 : 0;
      of->predicted += said ? 1 : 0;
      of->positive += yes ? 1 : 0;
    }
  }

  LabelScores scores;
  std::vector<double> precisions, recalls, f1s;
  for (const auto& of : counts) {
    const auto& scored = scores.classes.emplace_back(of_class(of));
    precisions.push_back(scored.precision);
    recalls.push_back(scored.recall);
    f1s.push_back(scored.f1);
  }
  const auto overall = of_class(all);
  const auto zero_if_none = [](double value) { return std::isnan(value) ? 0 : value; };
  scores.overall = f1_of(zero_if_none(overall.precision), zero_if_none(overall.recall));
  scores.per_class = f1_of(mean_of(precisions, precision_of_none), mean_of(recalls, Undefined::kSkip));
  scores.macro_f1 = mean_of(f1s, Undefined::kZero);
  return scores;
}

std::vector<std::uint8_t> at_threshold(const LabelTable& table, double probability) {
  const double limit = std::log(probability / (1 - probability));
  std::vector<std::uint8_t> predicted;
  for (const float logit : table.logits) predicted.push_back(static_cast<double>(logit) >= limit ? 1 : 0);
  return predicted;
}

std::vector<std::uint8_t> at_true_count(const LabelTable& table) {
  std::vector<std::uint8_t> predicted(table.labels.size(), 0);
  for (std::size_t row = 0; row < table.rows; ++row) {
    const auto begin = row * table.classes;
    std::vector<float> known;
    std::size_t yes = 0;
    for (std::size_t pair = begin; pair < begin + table.classes; ++pair) {
      if (table.labels[pair] == Label::kUnknown) continue;
      known.push_back(table.logits[pair]);
      yes += table.labels[pair] == Label::kYes ? 1 : 0;
    }
    std::sort(known.begin(), known.end(), std::greater<>());
    for (std::size_t pair = begin; pair < begin + table.classes; ++pair) {
      if (table.labels[pair] == Label::kUnknown) continue;
      predicted[pair] = yes == known.size() || table.logits[pair] > known[yes] ? 1 : 0;
    }
  }
  return predicted;
}

}  // namespace assay::learn
