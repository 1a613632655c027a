// What each test example says about a run's score: what the example level of a test needs.
//
// A score that is a mean over examples, or can be written as one, has a noise that comes from the examples: drawn again,
// they would give another score. Two kinds of stored predictions tell it:
// - "contribution:<metric>", f32, one value an example: their mean is the metric (learn/contributions.hpp).
// - "test" and "target", both u8 and of one shape: example i was answered with class test[i] and is right where that
//   equals target[i]; the share of right answers is the metric.
// They count only where the mean or the share really is the run's metric: otherwise the seed level stands alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/statistics.hpp"
#include "store/records.hpp"

namespace assay {

std::optional<double> value_of(const Result& run, const std::string& metric);

// Two runs of one seed that are compared; `second` is kNoRun for the noise of the first one's score alone.
struct Compared {
  std::int64_t first = 0, second = 0;
};
inline constexpr std::int64_t kNoRun = -1;

class AnswerSheets {
 public:
  explicit AnswerSheets(const std::vector<const Metric*>& metrics);

  void add(const Result& run, const std::vector<Prediction>& predictions);

  // Of the mean over seeds of the runs' difference. Seeds that have the same test examples are averaged example by
  // example (core/statistics.hpp, S1), others are independent (S2). Nothing unless each sheet is there, of one kind and,
  // in a pair, of the same number of examples.
  std::optional<ExampleNoise> noise(const Metric& metric, std::span<const Compared> seeds) const;
  bool constant(std::int64_t run) const { return constant_.contains(run); }  // one class to all examples

 private:
  // One of the two: a bit an example, set where it is right, or a contribution an example.
  struct Sheet {
    std::vector<std::uint64_t> right;
    std::vector<float> parts;
    std::size_t examples = 0;
    std::string truth;  // the target's bytes, hashed; "" of contributions: a task has one test set for all seeds
  };
  using Sheets = std::unordered_map<std::int64_t, Sheet>;

  // What a pair says of each example.
  struct Turned {
    std::vector<std::uint64_t> gained, lost;  // right only for the first, only for the second
    std::vector<double> parts;
    std::size_t examples = 0;
    const std::string* truth = nullptr;
  };

  const Sheet* sheet(const Metric& metric, std::int64_t run) const;
  std::optional<Turned> turned(const Metric& metric, const Compared& pair) const;
  static ExampleNoise joint_noise(std::span<const Turned> seeds, double scale);

  std::map<const Metric*, Sheets> sheets_;
  std::unordered_set<std::int64_t> constant_;
};

}  // namespace assay
