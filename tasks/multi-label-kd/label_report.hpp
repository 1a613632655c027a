// Scores multi-label answers and reports them. Shared by multi-label-kd and ssl-multi-label: use it there, too, instead
// of own code.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "core/strict_json.hpp"
#include "learn/batches.hpp"
#include "learn/multi_label_scores.hpp"
#include "learn/reporter.hpp"

namespace assay::multi_label {

// What a mean over classes does with a class that has no positives (AP) or is never predicted (precision).
struct ScoreRules {
  learn::Undefined class_without_positives = learn::Undefined::kSkip;
  learn::Undefined precision_of_none = learn::Undefined::kZero;
};
// Takes "empty_class_ap": skip | zero and "empty_precision": zero | skip out of a setting's parameters.
ScoreRules read_score_rules(StrictObject& setting);

// Normalised images [n, channels, height, width] to logits [n, classes]. Called without gradients.
using Predictor = std::function<torch::Tensor(const torch::Tensor& x)>;

torch::Tensor logits_of_images(const torch::Tensor& pixels, const learn::Normalisation& normalisation,
                               torch::Device device, const Predictor& predictor);  // of uint8 images, on the CPU

// logits [n, classes], NonFinite where one is no number; labels as in LabelledImages.
learn::LabelTable table_of(const torch::Tensor& logits, const torch::Tensor& labels);
double mean_average_precision(const learn::LabelTable& table, const ScoreRules& rules);  // percent

// The metrics map, of1, cf1, op, or, cp, cr, macro_f1, oracle_of1, oracle_macro_f1 (percent), what single images
// contribute to map, the table of the classes, and the logits as a digest.
void report_label_scores(const learn::LabelTable& table, const std::vector<std::string>& classes,
                         const ScoreRules& rules, Reporter& reporter);

}  // namespace assay::multi_label
