#include "crack-width/scorer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

#include "learn/contributions.hpp"

namespace assay::crack_width {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Wanted = std::function<bool(std::size_t scene, const cracks::CheckPoint& point)>;

std::vector<Pair> pairs_of(const std::vector<Scene>& scenes, const std::vector<Measured>& measured,
                           const Wanted& wanted) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (std::size_t j = 0; j < scenes[i].points.size(); ++j) {
      const auto& point = scenes[i].points[j];
      const auto& answer = measured[i].answers[j];
      if (wanted(i, point)) pairs.push_back({point.width, answer ? std::optional(answer->width) : std::nullopt});
    }
  }
  return pairs;
}

double nearest_rank(std::vector<double> values, double share) {
  if (values.empty()) return kNaN;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

bool failed(const Pair& pair) {
  return !pair.found || std::abs(*pair.found - pair.truth) > std::max(3.0, pair.truth / 2);
}

// A metric that makes no sense here (no irregular point in a tiny set) is left out.
void report(Reporter& reporter, const std::string& name, double value) {
  if (!std::isnan(value)) reporter.metric(name, value);
}

void report_figures(Reporter& reporter, std::span<const Pair> pairs, double seconds, const std::string& suffix) {
  const auto figures = figures_of(pairs);
  report(reporter, "mae" + suffix, figures.mae);
  report(reporter, "bias" + suffix, figures.bias);
  report(reporter, "p95" + suffix, figures.p95);
  const auto points = static_cast<double>(pairs.size());
  report(reporter, "microseconds_per_measurement" + suffix, pairs.empty() ? kNaN : 1e6 * seconds / points);
  report(reporter, "failure_rate" + suffix, figures.failure_rate);
  report(reporter, "relative_error" + suffix, figures.relative_error);
  report(reporter, "rmse" + suffix, figures.rmse);
}

void report_notes(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, Reporter& reporter) {
  std::map<std::string, std::int64_t> stages;
  std::int64_t points = 0, irregular = 0, answered = 0;
  double width = 0;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (const auto& point : scenes[i].points) ++points, irregular += point.irregular, width += point.width;
    for (const auto& answer : measured[i].answers) {
      answered += answer.has_value();
      ++stages[answer ? std::string(answer->stage) : "no value"];
    }
  }
  reporter.note("counts",
                {{"scenes", scenes.size()}, {"points", points}, {"irregular", irregular}, {"answered", answered}});
  reporter.note("stages", stages);
  if (points > 0) reporter.note("mean_width", width / static_cast<double>(points));
}

template <typename T>
std::string raw_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

void report_widths(std::span<const Pair> pairs, Reporter& reporter) {
  constexpr double kNoValue = -1;
  std::vector<double> exact;
  for (const auto& pair : pairs) exact.push_back(pair.found.value_or(kNoValue));
  reporter.digest(raw_bytes(exact));
  const std::vector<float> stored(exact.begin(), exact.end());
  reporter.prediction("widths", "f32", {static_cast<std::int64_t>(stored.size())}, raw_bytes(stored));
}

double total(const std::vector<Measured>& measured, double Measured::*seconds) {
  return std::accumulate(measured.begin(), measured.end(), 0.0,
                         [&](double sum, const Measured& scene) { return sum + scene.*seconds; });
}

bool everywhere(std::size_t, const cracks::CheckPoint&) { return true; }

}  // namespace

Figures figures_of(std::span<const Pair> pairs) {
  std::vector<double> sizes;  // |e|
  double sum = 0, squares = 0, relative = 0, failures = 0;
  for (const auto& pair : pairs) {
    failures += failed(pair);
    if (!pair.found) continue;
    const double e = *pair.found - pair.truth;
    sizes.push_back(std::abs(e));
    sum += e;
    squares += e * e;
    relative += std::abs(e) / pair.truth;
  }
  const auto n = static_cast<double>(sizes.size());
  const auto mean = [n](double of) { return n > 0 ? of / n : kNaN; };
  return {.mae = mean(std::accumulate(sizes.begin(), sizes.end(), 0.0)),
          .bias = mean(sum),
          .rmse = std::sqrt(mean(squares)),
          .relative_error = mean(relative),
          .p95 = nearest_rank(sizes, 0.95),
          .failure_rate = pairs.empty() ? kNaN : failures / static_cast<double>(pairs.size())};
}

double mae_without(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, std::size_t left_out) {
  const auto others = [&](std::size_t scene, const cracks::CheckPoint&) { return scene != left_out; };
  const double mae = figures_of(pairs_of(scenes, measured, others)).mae;
  return std::isnan(mae) ? figures_of(pairs_of(scenes, measured, everywhere)).mae : mae;
}

void report_scores(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, Reporter& reporter) {
  const double regular = total(measured, &Measured::regular_seconds);
  const double irregular = total(measured, &Measured::irregular_seconds);
  const auto all = pairs_of(scenes, measured, everywhere);
  report_figures(reporter, all, regular + irregular, "");
  const auto flagged = [&](bool flag) {
    return pairs_of(scenes, measured, [flag](std::size_t, const auto& point) { return point.irregular == flag; });
  };
  report_figures(reporter, flagged(false), regular, "_regular");
  report_figures(reporter, flagged(true), irregular, "_irregular");
  const auto images = static_cast<double>(scenes.size());
  reporter.metric("milliseconds_per_image", 1e3 * total(measured, &Measured::prepare_seconds) / images);

  report_widths(all, reporter);
  const double mae = figures_of(all).mae;
  if (!std::isnan(mae)) {
    learn::report_contributions(reporter, "mae", learn::contributions(scenes.size(), mae, [&](std::size_t left_out) {
                                  return mae_without(scenes, measured, left_out);
                                }));
  }
  report_notes(scenes, measured, reporter);
}

}  // namespace assay::crack_width
