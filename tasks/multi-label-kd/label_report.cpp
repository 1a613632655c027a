#include "multi-label-kd/label_report.hpp"

#include <cmath>
#include <cstring>

#include "learn/contributions.hpp"
#include "learn/registry.hpp"
#include "multi-label-kd/labelled_data.hpp"
#include "multi-label-kd/views.hpp"

namespace assay::multi_label {

namespace {

constexpr double kProbability = 0.5;  // from which on a label is given

double percent(double share) { return 100 * share; }

// A number of the page's table; what is 0/0 stays empty.
Json shown(double share) {
  if (std::isnan(share)) return nullptr;
  return std::round(1000 * share) / 10;
}

}  // namespace

ScoreRules read_score_rules(StrictObject& setting) {
  const auto undefined = [&](const std::string& field) {
    return setting.choice(field, {"skip", "zero"}) == "skip" ? learn::Undefined::kSkip : learn::Undefined::kZero;
  };
  return {undefined("empty_class_ap"), undefined("empty_precision")};
}

torch::Tensor logits_of_images(const torch::Tensor& pixels, const learn::Normalisation& normalisation,
                               torch::Device device, const Predictor& predictor) {
  constexpr std::int64_t kAtOnce = 100;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (const auto& some : pixels.split(kAtOnce)) {
    parts.push_back(predictor(plain(some, normalisation).to(device)).to(torch::kCPU, torch::kFloat));
  }
  return torch::cat(parts);
}

learn::LabelTable table_of(const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto z = logits.to(torch::kCPU, torch::kFloat).contiguous(), y = labels.contiguous();
  if (!z.isfinite().all().item<bool>()) throw NonFinite("a logit of the network is not a finite number");
  learn::LabelTable table;
  table.rows = static_cast<std::size_t>(z.size(0));
  table.classes = static_cast<std::size_t>(z.size(1));
  const std::span values(z.const_data_ptr<float>(), static_cast<std::size_t>(z.numel()));
  table.logits.assign(values.begin(), values.end());
  const std::span truth(y.const_data_ptr<float>(), static_cast<std::size_t>(y.numel()));
  for (const float label : truth) {
    table.labels.push_back(label == kUnknown ? learn::Label::kUnknown
                           : label > 0.5F    ? learn::Label::kYes
                                             : learn::Label::kNo);
  }
  return table;
}

double mean_average_precision(const learn::LabelTable& table, const ScoreRules& rules) {
  return percent(learn::mean_of(learn::average_precisions(table), rules.class_without_positives));
}

void report_label_scores(const learn::LabelTable& table, const std::vector<std::string>& classes,
                         const ScoreRules& rules, Reporter& reporter) {
  const auto precisions = learn::average_precisions(table);
  const auto scores = learn::label_scores(table, learn::at_threshold(table, kProbability), rules.precision_of_none);
  const auto oracle = learn::label_scores(table, learn::at_true_count(table), rules.precision_of_none);
  const std::map<std::string, double> shares{{"map", learn::mean_of(precisions, rules.class_without_positives)},
                                             {"of1", scores.overall.f1},
                                             {"cf1", scores.per_class.f1},
                                             {"op", scores.overall.precision},
                                             {"or", scores.overall.recall},
                                             {"cp", scores.per_class.precision},
                                             {"cr", scores.per_class.recall},
                                             {"macro_f1", scores.macro_f1},
                                             {"oracle_of1", oracle.overall.f1},
                                             {"oracle_macro_f1", oracle.macro_f1}};
  for (const auto& [name, share] : shares) reporter.metric(name, percent(share));

  Json rows = Json::array();
  std::int64_t without = 0;
  for (std::size_t k = 0; k < table.classes; ++k) {
    without += std::isnan(precisions[k]);
    const auto& at = scores.classes[k];
    rows.push_back({{"label", classes[k]},
                    {"AP", shown(precisions[k])},
                    {"precision", shown(at.precision)},
                    {"recall", shown(at.recall)},
                    {"F1", shown(at.f1)}});
  }
  reporter.note("labels (percent, at 0.5)", rows);
  reporter.note("classes_without_positives", without);
  learn::report_contributions(reporter, "map", learn::map_contributions(table, rules.class_without_positives));
  reporter.digest({reinterpret_cast<const char*>(table.logits.data()), table.logits.size() * sizeof(float)});
}

}  // namespace assay::multi_label
