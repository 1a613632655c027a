// One task over several settings of a tier: interquartile means, mean ranks, and which methods no test separates.
#pragma once

#include <string>
#include <vector>

#include "report/board.hpp"
#include "report/plots.hpp"

namespace assay {

struct AcrossRow {
  const Method* method = nullptr;
  std::string label;
  Aggregate iqm;             // over all (setting, seed) scores, failed cells imputed
  std::size_t settings = 0;  // with a score
  std::size_t imputed = 0;   // failed cells that count with the floor's score
  double mean_rank = 0;      // over settings; 0 where it lacks one
  bool varies = false;       // seeds differ somewhere: else the interval is no interval
};

struct Across {
  std::size_t settings = 0;
  bool normalised = false;      // scores are shares of the way from the floor method (0) to the ceiling method (100)
  std::vector<AcrossRow> rows;  // best interquartile mean first
  std::vector<RankMark> marks;  // methods with a score in every setting, best mean rank first
  std::vector<RankBar> bars;    // longest runs of marks that no Holm-corrected test over settings separates
};

// `boards`: of one task and tier, each with a run. Needs two for marks and bars.
Across make_across(const Task& task, const std::vector<const Board*>& boards);

}  // namespace assay
