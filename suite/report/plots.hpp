// The plots of the pages, from figures that are already computed. Colours are classes (s0..s6, baseline, muted,
// reference).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/statistics.hpp"

namespace assay {

// A horizontal axis that rows of a table share. Outliers beyond it are drawn as arrows at its edge.
struct RowScale {
  double low = 0, high = 1;
  int decimals = 1;
};
RowScale row_scale(const std::vector<double>& means, const std::vector<double>& reach, int decimals);

struct RowDot {
  double value = 0;
  bool hollow = false;
  std::string tip;
};
struct IntervalRow {
  std::string title, css_class;
  double mean = 0;
  std::optional<Interval> interval;
  std::vector<RowDot> dots;
  std::optional<double> reference;  // a thin line: the baseline's mean
};
std::string interval_row(const IntervalRow& row, const RowScale& scale);
std::string interval_axis(const RowScale& scale, const std::string& title);

struct CurveSeries {
  std::string label, css_class;
  std::vector<double> mean, low, high;  // one an epoch; NaN = none
};
// What curves run over, and what their first point is called.
struct CurveAxis {
  std::string title;
  std::int64_t from = 1;
};
std::string curves_plot(const std::string& title, const CurveAxis& x, const std::string& y_title,
                        const std::vector<CurveSeries>& series);

// One curve of one run, as a small chart.
std::string small_curve(const std::string& title, const std::string& unit, const std::vector<double>& values,
                        std::int64_t from = 1);

struct CostPoint {
  std::string label, css_class, tip;
  double cost = 0, value = 0;
  std::optional<Interval> interval;
};
std::string cost_plot(const std::string& title, const std::string& x_title, const std::string& y_title,
                      const std::vector<CostPoint>& points);

// Critical-difference style: mean ranks on an axis, best on the left; a bar joins methods that no test separates.
struct RankMark {
  std::string label;
  double mean_rank = 0;
};
struct RankBar {
  double from = 0, to = 0;
};
std::string rank_diagram(const std::string& title, const std::vector<RankMark>& marks,
                         const std::vector<RankBar>& bars);

// Moves labels apart: positions at least `gap` from each other, inside [low, high] if they fit, order kept, near the
// wanted.
std::vector<double> spread(std::vector<double> wanted, double gap, double low, double high);

}  // namespace assay
