#include "multi-label-kd/scorer.hpp"

#include <cmath>
#include <stdexcept>

#include "multi-label-kd/exhibit.hpp"

namespace assay::multi_label_kd {

Scorer::Scorer(const multi_label::LabelledData& data, const multi_label::ScoreRules& rules, torch::Device device,
               Reporter& reporter)
    : data_(data), rules_(rules), device_(device), reporter_(reporter), begun_(Clock::now()) {}

torch::Tensor Scorer::on_test(const Predictor& predictor) const {
  return multi_label::logits_of_images(data_.test.pixels, data_.normalisation, device_, predictor);
}

void Scorer::epoch(std::int64_t number, std::int64_t of, const Predictor& predictor, const Losses& losses) {
  const Pause pause(*this);
  recorded_ = true;
  const auto table = multi_label::table_of(on_test(predictor), data_.test.labels);
  std::map<std::string, double> values{{"map", multi_label::mean_average_precision(table, rules_)}};
  if (std::isfinite(losses.task)) values["task_loss"] = losses.task;
  if (std::isfinite(losses.distillation)) values["distillation_loss"] = losses.distillation;
  reporter_.epoch(number, of, values);
}

double Scorer::seconds() const { return std::chrono::duration<double>(Clock::now() - begun_ - here_).count(); }

void Scorer::finish(const Predictor& predictor, const Job& job, const std::function<const Teacher&()>& teacher) {
  if (!recorded_) throw std::logic_error("the method " + job.method + " recorded no epoch");
  const auto logits = on_test(predictor);
  multi_label::report_label_scores(multi_label::table_of(logits, data_.test.labels), data_.classes, rules_, reporter_);
  if (!job.pictures_allowed || job.seed != 0) return;  // pictures of one seed tell what there is to see
  const auto rows = multi_label::shown_rows(data_.test.labels, job.streams().stream("split/exhibit"));
  const auto picked = torch::tensor(rows, torch::kInt64);
  const auto& shown_teacher = teacher();  // before gradients are off: it may have to be trained
  const auto taught =
      multi_label::logits_of_images(data_.test.pixels.index_select(0, picked), data_.normalisation, device_,
                                    [&](const torch::Tensor& x) { return shown_teacher.logits(x); });
  reporter_.exhibit(
      multi_label::label_exhibit(data_.test, data_.classes, rows, logits.index_select(0, picked), taught, reporter_));
}

}  // namespace assay::multi_label_kd
