#include "noisy-labels/scorer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "learn/png.hpp"
#include "learn/scores.hpp"

namespace assay::noisy_labels {

namespace {

double share(const torch::Tensor& flags, const torch::Tensor& among) {
  const double size = among.sum().item<double>();
  if (size == 0) return std::numeric_limits<double>::quiet_NaN();
  return flags.logical_and(among).sum().item<double>() / size;
}

template <typename T>
std::string raw_bytes(const torch::Tensor& values) {
  const auto packed = values.contiguous();
  return {reinterpret_cast<const char*>(packed.const_data_ptr<T>()), static_cast<std::size_t>(packed.nbytes())};
}

}  // namespace

Memory memory_of(const torch::Tensor& predicted, const torch::Tensor& given, const torch::Tensor& clean) {
  const auto wrong = given.ne(clean).logical_and(clean.ge(0));
  return {share(predicted.eq(given), wrong), share(predicted.eq(clean), wrong)};
}

Selection selection_of(const torch::Tensor& selected, const torch::Tensor& given, const torch::Tensor& clean) {
  const auto right = given.eq(clean);
  const double precision = share(right, selected);
  return {std::isnan(precision) ? 0 : precision, share(selected, right)};
}

double last_mean(const std::vector<double>& per_epoch) {
  const auto size = static_cast<std::ptrdiff_t>(per_epoch.size());
  const auto wanted = std::max<std::ptrdiff_t>(3, std::lround(0.025 * static_cast<double>(size)));
  const auto used = std::min(wanted, size);
  return std::accumulate(per_epoch.end() - used, per_epoch.end(), 0.0) / static_cast<double>(used);
}

Scorer::Scorer(const Problem& problem, torch::Device device, learn::Work& work, Reporter& reporter)
    : problem_(problem), device_(device), work_(work), reporter_(reporter), begun_(Clock::now()) {}

torch::Tensor Scorer::probabilities(const Classifier& classifier, const learn::ImageSet& images) const {
  constexpr std::int64_t kChunk = 500;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (std::int64_t from = 0; from < images.size(); from += kChunk) {
    const auto x = images.plain(from, std::min(from + kChunk, images.size())).to(device_);
    parts.push_back(classifier(x).to(torch::kCPU, torch::kFloat32));
  }
  auto all = torch::cat(parts);
  if (!all.isfinite().all().item<bool>()) throw NonFinite("a score of the classifier is not a finite number");
  return all;
}

void Scorer::epoch(std::int64_t epoch, std::int64_t of, const Classifier& classifier, const EpochFacts& facts) {
  const auto entered = Clock::now();
  const auto work_before = work_;
  test_ = probabilities(classifier, problem_.test);
  train_ = probabilities(classifier, problem_.train);
  selected_ = facts.selected;
  accuracy_.push_back(learn::percent_equal(test_.argmax(1), problem_.test_labels));
  const auto on_validation = probabilities(classifier, problem_.validation).argmax(1);
  validation_accuracy_.push_back(learn::percent_equal(on_validation, problem_.validation_given));

  std::map<std::string, double> values{{"accuracy", accuracy_.back()},
                                       {"validation_accuracy", validation_accuracy_.back()}};
  if (!std::isnan(facts.train_loss)) values["train_loss"] = facts.train_loss;
  const auto memory = memory_of(train_.argmax(1), problem_.given, problem_.clean);
  if (!std::isnan(memory.memorised)) {
    values["memorised"] = memory.memorised;
    values["recovered"] = memory.recovered;
  }
  if (selected_.defined()) {
    values["selection_precision"] = selection_of(selected_, problem_.given, problem_.clean).precision;
  }
  reporter_.epoch(epoch, of, values);
  work_ = work_before;
  here_ += Clock::now() - entered;
}

double Scorer::seconds() const { return std::chrono::duration<double>(Clock::now() - begun_ - here_).count(); }

void Scorer::finish(const Fit& fit, const Job& job) {
  if (accuracy_.empty()) throw std::logic_error("the method " + job.method + " recorded no epoch");
  const auto best_validation = std::max_element(validation_accuracy_.begin(), validation_accuracy_.end());
  const auto chosen = static_cast<std::size_t>(best_validation - validation_accuracy_.begin());
  const auto predicted = test_.argmax(1);
  reporter_.metric("accuracy", accuracy_.back());
  reporter_.metric("accuracy_last5", last_mean(accuracy_));
  reporter_.metric("accuracy_at_best_validation", accuracy_[chosen]);
  reporter_.metric("accuracy_best", *std::max_element(accuracy_.begin(), accuracy_.end()));
  reporter_.metric("ece", learn::calibration_error(test_, problem_.test_labels));

  const auto memory = memory_of(train_.argmax(1), problem_.given, problem_.clean);
  if (!std::isnan(memory.memorised)) {
    reporter_.metric("memorised", memory.memorised);
    reporter_.metric("recovered", memory.recovered);
  }
  if (selected_.defined()) {
    const auto selection = selection_of(selected_, problem_.given, problem_.clean);
    reporter_.metric("selection_precision", selection.precision);
    reporter_.metric("selection_recall", selection.recall);
  }
  const auto of_given = train_.gather(1, problem_.given.unsqueeze(1)).squeeze(1);
  const double area =
      learn::roc_area(fit.clean_score.defined() ? fit.clean_score : of_given, problem_.given.eq(problem_.clean));
  if (!std::isnan(area)) reporter_.metric("detect_auc", area);

  reporter_.digest(raw_bytes<float>(test_));
  const std::vector<std::int64_t> shape{predicted.size(0)};
  reporter_.prediction("test", "u8", shape, raw_bytes<std::uint8_t>(predicted.to(torch::kUInt8)));
  reporter_.prediction("target", "u8", shape, raw_bytes<std::uint8_t>(problem_.test_labels.to(torch::kUInt8)));
  if (job.pictures_allowed) reporter_.exhibit(exhibit(job));
  report_notes();
}

void Scorer::report_notes() const {
  const auto& noise = problem_.corruption;
  const auto wrong = problem_.given.ne(problem_.clean);
  const auto unknown = problem_.clean.lt(0);
  const auto classes = static_cast<std::int64_t>(problem_.all_classes.size());
  const auto known = static_cast<std::int64_t>(problem_.classes.size());
  const auto list = [](const torch::Tensor& labels) {
    return Labels(labels.const_data_ptr<std::int64_t>(), labels.const_data_ptr<std::int64_t>() + labels.numel());
  };
  reporter_.note("noise",
                 {{"kind", noise.kind},
                  {"nominal_rate", noise.nominal_rate},
                  {"expected_rate", noise.expected_rate},
                  {"realised_rate", wrong.to(torch::kFloat64).mean().item<double>()},
                  {"transition", noise.transition},
                  {"realised_transition", counted(list(problem_.shown), list(problem_.given), classes, known)}});
  reporter_.note("counts", {{"train", problem_.train.size()},
                            {"validation", problem_.validation.size()},
                            {"test", problem_.test.size()},
                            {"wrong_labels", wrong.sum().item<std::int64_t>()},
                            {"unknown_images", unknown.sum().item<std::int64_t>()}});
}

namespace {

// Eight wrongly labelled images and four rightly labelled ones (fewer where there are fewer), the same for all methods.
std::vector<std::int64_t> shown_rows(const Problem& problem, Stream stream) {
  std::size_t wrong_left = 8, right_left = 4;
  std::vector<std::int64_t> rows;
  for (const auto row : stream.permutation(problem.train.size())) {
    const bool wrong = problem.given[row].item<std::int64_t>() != problem.clean[row].item<std::int64_t>();
    auto& left = wrong ? wrong_left : right_left;
    if (left == 0) continue;
    --left;
    rows.push_back(row);
  }
  return rows;
}

std::string verdict(std::int64_t predicted, std::int64_t given, std::int64_t clean) {
  if (predicted == clean) return "right";
  return predicted == given ? "memorised" : "wrong";
}

}  // namespace

Json Scorer::exhibit(const Job& job) const {
  const auto predicted = train_.argmax(1);
  Json examples = Json::array();
  for (const auto row : shown_rows(problem_, job.streams().stream("split/exhibit"))) {
    const auto image = problem_.train.pixels()[row];
    const std::span<const std::uint8_t> pixels(image.const_data_ptr<std::uint8_t>(),
                                               static_cast<std::size_t>(image.numel()));
    const auto file = learn::png(pixels, image.size(0), image.size(1), image.size(2));
    const auto at = [row](const torch::Tensor& labels) { return labels[row].item<std::int64_t>(); };
    const auto name = [this](std::int64_t label) { return problem_.classes[static_cast<std::size_t>(label)]; };
    const auto& truth = problem_.all_classes[static_cast<std::size_t>(at(problem_.shown))];
    examples.push_back(
        {{"id", std::to_string(problem_.source[static_cast<std::size_t>(row)])},
         {"shared",
          {{{"title", "image"}, {"picture", reporter_.picture("image/png", file)}},
           {{"title", "given label"}, {"caption", name(at(problem_.given))}},
           {{"title", "truth"}, {"caption", at(problem_.clean) < 0 ? truth + " (no class of the task)" : truth}}}},
         {"answer",
          {{"caption", name(at(predicted))},
           {"verdict", verdict(at(predicted), at(problem_.given), at(problem_.clean))}}}});
  }
  return examples;
}

}  // namespace assay::noisy_labels
