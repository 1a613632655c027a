// Scores of multi-label predictions. LibTorch-free. Classes are ranked and thresholded on logits: a sigmoid in single
// precision makes ties where it saturates. Results are shares, 0..1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::learn {

enum class Label : std::uint8_t { kNo = 0, kYes = 1, kUnknown = 2 };

struct LabelTable {
  std::size_t rows = 0, classes = 0;
  std::vector<float> logits;  // [rows, classes]
  std::vector<Label> labels;  // [rows, classes]; an unknown pair takes no part in its class
};

// What a mean over classes does with a class for which a share is 0/0.
enum class Undefined { kSkip, kZero };

// Average precision of each class, not interpolated, ties grouped: over distinct scores v_1 > v_2 > ..., taking in all
// rows with score >= v_j, the sum of (R_j - R_{j-1}) P_j. It is what scikit-learn's average_precision_score gives. NaN
// for a class without positives.
std::vector<double> average_precisions(const LabelTable& table);
double mean_of(const std::vector<double>& shares, Undefined undefined);  // of NaN entries; all skipped: 0

// Jackknife contributions of the rows to 100 * mAP (learn/contributions.hpp). As fast as ranking the classes once.
std::vector<double> map_contributions(const LabelTable& table, Undefined undefined);

struct Counts {
  std::int64_t hit = 0, predicted = 0, positive = 0;  // TP, PP, PN of a class
};
struct F1 {
  double precision = 0, recall = 0, f1 = 0;  // an F of 0/0 is 0
};
struct LabelScores {
  F1 overall;               // OP, OR, OF1: over all pairs
  F1 per_class;             // CP, CR, CF1: means over classes, then 2 CP CR / (CP + CR)
  double macro_f1 = 0;      // mean of the classes' F1
  std::vector<F1> classes;  // precision NaN where nothing is predicted, recall NaN without positives
};

// predicted: [rows, classes], 1 or 0. `precision_of_none`: what CP does with a class that is never predicted. Classes
// without positives are left out of CR.
LabelScores label_scores(const LabelTable& table, const std::vector<std::uint8_t>& predicted,
                         Undefined precision_of_none = Undefined::kZero);
std::vector<std::uint8_t> at_threshold(const LabelTable& table, double probability);  // sigmoid(z) >= probability
// What L2D's code reports (evaluate.py): of each row all scores strictly above its (n + 1)-th largest, n = its true
// number of labels. A row with all labels has all.
std::vector<std::uint8_t> at_true_count(const LabelTable& table);

}  // namespace assay::learn
