#include "ssl-multi-label/scorer.hpp"

#include <cmath>
#include <stdexcept>

#include "multi-label-kd/exhibit.hpp"

namespace assay::ssl_multi_label {

learn::LabelScores pseudo_scores(const PseudoLabels& pseudo, const torch::Tensor& truth) {
  const auto given = pseudo.labels.eq(1).logical_and(pseudo.mask.gt(0)).to(torch::kUInt8).contiguous();
  const std::span values(given.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(given.numel()));
  const auto table = multi_label::table_of(torch::zeros_like(truth), truth);
  return learn::label_scores(table, {values.begin(), values.end()});
}

Scorer::Scorer(const multi_label::LabelledData& data, torch::Tensor hidden_labels, const multi_label::ScoreRules& rules,
               torch::Device device, Reporter& reporter)
    : data_(data),
      hidden_labels_(std::move(hidden_labels)),
      rules_(rules),
      device_(device),
      reporter_(reporter),
      begun_(Clock::now()) {}

double Scorer::seconds() const { return std::chrono::duration<double>(Clock::now() - begun_ - here_).count(); }

torch::Tensor Scorer::on_test(const Predictor& predictor) const {
  return multi_label::logits_of_images(data_.test.pixels, data_.normalisation, device_, predictor);
}

double Scorer::map_of(const torch::Tensor& logits) const {
  return multi_label::mean_average_precision(multi_label::table_of(logits, data_.test.labels), rules_);
}

void Scorer::epoch(std::int64_t number, std::int64_t of, const Snapshot& snapshot) {
  const Pause pause(*this);
  const auto logits = on_test(snapshot.averaged);
  std::map<std::string, double> values{{"map", map_of(logits)}};
  if (!std::isnan(snapshot.train_loss)) values["train_loss"] = snapshot.train_loss;
  if (snapshot.pseudo.labels.defined()) {
    const auto scores = pseudo_scores(snapshot.pseudo, hidden_labels_);
    values["pseudo_precision"] = 100 * scores.overall.precision;
    values["pseudo_recall"] = 100 * scores.overall.recall;
    values["pseudo_cf1"] = 100 * scores.per_class.f1;
    if (number == 1) reporter_.metric("pseudo_cf1_first", values["pseudo_cf1"]);
    if (number == of) {
      reporter_.metric("pseudo_op", values["pseudo_precision"]);
      reporter_.metric("pseudo_or", values["pseudo_recall"]);
    }
  }
  reporter_.epoch(number, of, values);
  if (number < of) return;
  last_ = logits;
  reporter_.metric("map_raw", map_of(on_test(snapshot.raw)));
  if (snapshot.image_head) reporter_.metric("map_image_head", map_of(on_test(snapshot.image_head)));
}

void Scorer::finish(const Job& job) {
  if (!last_.defined()) throw std::logic_error("the method " + job.method + " did not record its last epoch");
  multi_label::report_label_scores(multi_label::table_of(last_, data_.test.labels), data_.classes, rules_, reporter_);
  if (!job.pictures_allowed || job.seed != 0) return;  // pictures of one seed tell what there is to see
  const auto rows = multi_label::shown_rows(data_.test.labels, job.streams().stream("split/exhibit"));
  reporter_.exhibit(multi_label::label_exhibit(data_.test, data_.classes, rows,
                                               last_.index_select(0, torch::tensor(rows)), {}, reporter_));
}

}  // namespace assay::ssl_multi_label
