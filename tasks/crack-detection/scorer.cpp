#include "crack-detection/scorer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "crack-detection/exhibit.hpp"
#include "learn/contributions.hpp"
#include "learn/registry.hpp"

namespace assay::cracks {

namespace {

vision::Grid<float> map_of(const torch::Tensor& p) {
  const auto values = p.to(torch::kCPU, torch::kFloat32).contiguous();
  if (!values.isfinite().all().item<bool>()) throw NonFinite("a probability of the map is not a finite number");
  if (values.lt(0).logical_or(values.gt(1)).any().item<bool>()) {
    throw std::logic_error("a probability of the map lies outside 0..1");
  }
  vision::Grid<float> map(values.size(0), values.size(1));
  std::memcpy(map.values.data(), values.const_data_ptr<float>(), map.size() * sizeof(float));
  return map;
}

std::vector<Scored> scored(const Split& split, const Predictor& predictor) {
  torch::NoGradGuard no_grad;
  std::vector<Scored> all;
  for (std::size_t i = 0; i < split.pictures.size(); ++i) {
    const auto& photograph = split.photographs[i];
    all.push_back({map_of(predictor(split.pictures[i])), photograph.crack, photograph.ignored});
    if (all.back().p.height != photograph.grey.height || all.back().p.width != photograph.grey.width) {
      throw std::logic_error("the map of picture " + photograph.id + " has another size than the picture");
    }
  }
  return all;
}

std::vector<CountCurve> curves(const std::vector<Scored>& images, std::int64_t tolerance) {
  std::vector<CountCurve> all;
  for (const auto& image : images) all.push_back(tolerance_counts(image, tolerance));
  return all;
}

template <typename T>
std::vector<T> without(std::vector<T> all, std::size_t left_out) {
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(left_out));
  return all;
}

// Everything that an F at any threshold is made of: i32 [pictures, thresholds, 4], in the order of Counts.
void store_counts(Reporter& reporter, const std::vector<CountCurve>& curves) {
  std::vector<std::int32_t> values;
  for (const auto& curve : curves) {
    for (const auto& counts : curve) {
      for (const auto value : {counts.near_truth, counts.predicted, counts.found, counts.truth}) {
        values.push_back(static_cast<std::int32_t>(value));
      }
    }
  }
  reporter.prediction("counts", "i32", {static_cast<std::int64_t>(curves.size()), kThresholds, 4},
                      {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int32_t)});
}

double patch_ap(const std::vector<Patches>& images) {
  Patches pooled;
  for (const auto& image : images) {
    pooled.scores.insert(pooled.scores.end(), image.scores.begin(), image.scores.end());
    pooled.positive.insert(pooled.positive.end(), image.positive.begin(), image.positive.end());
  }
  return average_precision(pooled.scores, pooled.positive);
}

}  // namespace

Scorer::Scorer(const Split& train, const Split& test, Reporter& reporter)
    : train_(train), test_(test), reporter_(reporter), begun_(Clock::now()) {}

void Scorer::checkpoint(std::int64_t number, std::int64_t of, const Predictor& predictor, double train_loss) {
  const Pause pause(*this);
  recorded_ = true;
  std::map<std::string, double> values{{"ods", ods(curves(scored(test_, predictor), kTolerance)).f}};
  if (!std::isnan(train_loss)) values["train_loss"] = train_loss;
  reporter_.epoch(number, of, values);
}

double Scorer::seconds() const { return std::chrono::duration<double>(Clock::now() - begun_ - here_).count(); }

void Scorer::finish(const Predictor& predictor, const Job& job, std::int64_t patch) {
  if (!recorded_) throw std::logic_error("the method " + job.method + " recorded no checkpoint");
  const auto test = scored(test_, predictor);
  const auto train_k = ods(curves(scored(train_, predictor), kTolerance)).k;
  report_pixels(test, train_k);
  report_patches(test, patch);
  for (const auto& one : test) {
    reporter_.digest({reinterpret_cast<const char*>(one.p.values.data()), one.p.size() * sizeof(float)});
  }
  if (!job.pictures_allowed || job.seed != 0) return;  // pictures of one seed tell what there is to see
  const auto k = ods(curves(test, kTolerance)).k;
  reporter_.exhibit(exhibit_of(test_, test, k, job.streams().stream("split/exhibit"), reporter_));
}

void Scorer::report_pixels(const std::vector<Scored>& test, std::size_t train_k) {
  const auto within = curves(test, kTolerance), within1 = curves(test, 1);
  std::vector<CountCurve> one_to_one;
  for (const auto& image : test) one_to_one.push_back(matched_counts(image, kTolerance));
  const auto best = ods(within);
  const std::map<std::string, double> metrics{{"ods", best.f},
                                              {"ois", ois(within)},
                                              {"ods_tau1", ods(within1).f},
                                              {"ois_tau1", ois(within1)},
                                              {"ods_tau0", ods(curves(test, 0)).f},
                                              {"ods_one_to_one", ods(one_to_one).f},
                                              {"f_at_train_threshold", f_at(within, train_k)},
                                              {"ap", pixel_ap(test)},
                                              {"iou", iou_at(test, best.k)},
                                              {"best_iou", best_iou(test)},
                                              {"mean_iou", best_mean_iou(test)},
                                              {"global_accuracy", accuracy_at(test, best.k)},
                                              {"aiu", aiu(test)},
                                              {"cl_dice", cl_dice(test, best.k)},
                                              {"hd95", hd95(test, best.k)},
                                              {"betti0_error", betti0_error(test, best.k)}};
  for (const auto& [name, value] : metrics) reporter_.metric(name, value);
  reporter_.note("thresholds", {{"ods", threshold(best.k)}, {"best_on_training_pictures", threshold(train_k)}});
  store_counts(reporter_, within);
  learn::report_contributions(reporter_, "ods", learn::contributions(within.size(), best.f, [&](std::size_t i) {
                                return ods(without(within, i)).f;
                              }));
}

void Scorer::report_patches(const std::vector<Scored>& test, std::int64_t patch) {
  std::vector<Patches> patches;
  for (const auto& image : test) patches.push_back(patches_of(image, patch));
  const double ap = patch_ap(patches);
  reporter_.metric("patch_ap", ap);
  reporter_.metric("patch_f1", best_patch_f(patches));
  learn::report_contributions(reporter_, "patch_ap", learn::contributions(patches.size(), ap, [&](std::size_t i) {
                                return patch_ap(without(patches, i));
                              }));
}

}  // namespace assay::cracks
