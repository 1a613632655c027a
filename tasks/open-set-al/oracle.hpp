// The one place that gives out hidden labels, and counts them.
#pragma once

#include <cstdint>
#include <vector>

#include "open-set-al/method.hpp"

namespace assay::open_set_al {

class LabelOracle {
 public:
  // `labels` of all images; those in `given` are known from the start and cost nothing.
  LabelOracle(std::vector<std::int64_t> labels, const Ids& given);

  std::int64_t ask(std::int64_t id);  // costs 1; std::logic_error for an image that was asked for before, or given
  std::int64_t given(std::int64_t id) const;  // of an image known from the start
  std::int64_t asked() const { return asked_; }

 private:
  std::vector<std::int64_t> labels_;
  std::vector<bool> told_;
  std::int64_t asked_ = 0;
};

// Makes a selection exactly `budget` distinct members of `unlabelled` (all of them, where there are fewer): refuses
// foreign and repeated ids and ids beyond the budget (std::runtime_error: the run fails), fills up at random.
struct Selection {
  Ids ids;
  std::int64_t filled = 0;  // how many of them the method did not choose
};
Selection settle(Ids selected, const Ids& unlabelled, std::int64_t budget, Stream fill);

}  // namespace assay::open_set_al
