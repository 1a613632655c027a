// Which test examples each run got right, in bits: what the example level of a paired test needs.
//
// A run that stores the predictions "test" and "target", both u8 and of one shape, answers example i with class
// test[i], and is right where that equals target[i]. The bits count only where their share is the ranking metric
// itself: otherwise the metric is not a mean over examples, and the seed level stands alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/catalog.hpp"
#include "store/records.hpp"

namespace assay {

std::optional<double> value_of(const Result& run, const std::string& metric);

class AnswerSheets {
 public:
  explicit AnswerSheets(const Metric& ranking);

  void add(const Result& run, const std::vector<Prediction>& predictions);

  struct Turned {
    std::size_t gained = 0, lost = 0, examples = 0;  // right only for the first run; only for the second; all
  };
  std::optional<Turned> turned(std::int64_t first, std::int64_t second) const;  // nothing unless both sheets are there
  bool constant(std::int64_t run) const;                                        // the run gave all examples one class
  double scale() const { return scale_; }

 private:
  struct Sheet {
    std::vector<std::uint64_t> right;
    std::size_t examples = 0;
    bool constant = false, scores = false;  // scores: the share of right answers is the ranking metric
  };
  const Metric& ranking_;
  double scale_;
  std::unordered_map<std::int64_t, Sheet> sheets_;
};

}  // namespace assay
