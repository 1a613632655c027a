#include "report/plots.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/text.hpp"
#include "report/format.hpp"
#include "report/svg.hpp"

namespace assay {

namespace {

constexpr double kRowWidth = 200, kRowHeight = 26, kRowPad = 8;

double row_x(double value, const RowScale& scale) {
  const double share = (value - scale.low) / (scale.high - scale.low);
  return kRowPad + std::clamp(share, 0.0, 1.0) * (kRowWidth - 2 * kRowPad);
}

bool outside(double value, const RowScale& scale) { return value < scale.low || value > scale.high; }

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void take(double value) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  }
  void widen(double share) {
    if (!(high >= low)) low = 0, high = 1;
    const double pad = high > low ? (high - low) * share : std::max(1e-9, std::abs(high) * 0.05 + 0.5);
    low -= pad, high += pad;
  }
};

// Plot area of a chart in user units, with linear maps from figures to places.
struct Frame {
  double left, top, width, height;
  Range x, y;
  double px(double value) const { return left + (value - x.low) / (x.high - x.low) * width; }
  double py(double value) const { return top + height - (value - y.low) / (y.high - y.low) * height; }
};

void draw_y_axis(Svg& svg, const Frame& frame, const std::string& title) {
  const auto places = ticks(frame.y.low, frame.y.high, 6);
  for (const double tick : places) {
    const double y = frame.py(tick);
    svg.line({frame.left, y}, {frame.left + frame.width, y}, "grid");
    svg.text({frame.left - 8, y + 4}, number(tick, tick_decimals(places)), "tick", Svg::Anchor::kEnd);
  }
  svg.text({frame.left - 40, frame.top - 12}, title, "axis-title");
}

void draw_x_title(Svg& svg, const Frame& frame, const std::string& title) {
  svg.line({frame.left, frame.top + frame.height}, {frame.left + frame.width, frame.top + frame.height}, "axis");
  svg.text({frame.left + frame.width / 2, frame.top + frame.height + 38}, title, "axis-title", Svg::Anchor::kMiddle);
}

// A curve may have gaps: each finite stretch is a line of its own.
std::vector<std::vector<Point>> stretches(const std::vector<double>& values, const Frame& frame) {
  std::vector<std::vector<Point>> lines(1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      lines.back().push_back({frame.px(static_cast<double>(i + 1)), frame.py(values[i])});
    } else if (!lines.back().empty()) {
      lines.emplace_back();
    }
  }
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

std::vector<Point> band(const CurveSeries& series, const Frame& frame) {
  std::vector<Point> outline;
  const auto add = [&](std::size_t i, double value) {
    if (std::isfinite(value)) outline.push_back({frame.px(static_cast<double>(i + 1)), frame.py(value)});
  };
  for (std::size_t i = 0; i < series.high.size(); ++i) add(i, series.high[i]);
  for (std::size_t i = series.low.size(); i-- > 0;) add(i, series.low[i]);
  return outline;
}

}  // namespace

std::vector<double> spread(std::vector<double> wanted, double gap, double low, double high) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  double floor = low;
  for (const auto i : order) {
    wanted[i] = std::max(wanted[i], floor);
    floor = wanted[i] + gap;
  }
  double ceiling = high;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    wanted[*i] = std::min(wanted[*i], ceiling);
    ceiling = wanted[*i] - gap;
  }
  return wanted;
}

RowScale row_scale(const std::vector<double>& means, const std::vector<double>& reach, int decimals) {
  Range range;
  for (const double value : reach) range.take(value);
  if (means.size() > 3) {  // one collapsed method must not squeeze all others into a corner
    auto sorted = means;
    std::sort(sorted.begin(), sorted.end());
    const double q1 = quantile(sorted, 0.25), q3 = quantile(sorted, 0.75);
    const double arm = 3 * std::max(q3 - q1, 1e-9);
    range.low = std::max(range.low, q1 - arm);
    range.high = std::min(range.high, q3 + arm);
  }
  range.widen(0.04);
  return {range.low, range.high, decimals};
}

std::string interval_row(const IntervalRow& row, const RowScale& scale) {
  Svg svg(kRowWidth, kRowHeight, "row-plot " + row.css_class, row.title, "");
  const double middle = kRowHeight / 2;
  svg.line({kRowPad, middle}, {kRowWidth - kRowPad, middle}, "grid");
  if (row.reference && !outside(*row.reference, scale)) {
    const double x = row_x(*row.reference, scale);
    svg.line({x, 0}, {x, kRowHeight}, "reference-line");
  }
  if (row.interval && !(row.interval->high < scale.low || row.interval->low > scale.high)) {
    svg.line({row_x(row.interval->low, scale), middle}, {row_x(row.interval->high, scale), middle}, "interval");
  }
  for (const auto& dot : row.dots) {
    if (!outside(dot.value, scale)) {
      svg.circle({row_x(dot.value, scale), middle}, 3, dot.hollow ? "dot hollow" : "dot", dot.tip);
    }
  }
  if (!outside(row.mean, scale)) {
    const double x = row_x(row.mean, scale);
    svg.line({x, middle - 7}, {x, middle + 7}, "mean");
  } else if (row.mean < scale.low) {
    svg.polygon({{1, middle}, {8, middle - 5}, {8, middle + 5}}, "off-scale");
  } else {
    svg.polygon({{kRowWidth - 1, middle}, {kRowWidth - 8, middle - 5}, {kRowWidth - 8, middle + 5}}, "off-scale");
  }
  return svg.str();
}

std::string interval_axis(const RowScale& scale, const std::string& title) {
  Svg svg(kRowWidth, 18, "row-plot axis-row", title, "");
  const auto places = ticks(scale.low, scale.high, 4);
  for (const double tick : places) {
    const double x = row_x(tick, scale);
    svg.line({x, 14}, {x, 18}, "axis");
    svg.text({x, 11}, number(tick, tick_decimals(places)), "tick", Svg::Anchor::kMiddle);
  }
  return svg.str();
}

std::string curves_plot(const std::string& title, const CurveAxis& x, const std::string& y_title,
                        const std::vector<CurveSeries>& series) {
  constexpr double kGap = 15;
  const double height = std::max(260.0, static_cast<double>(series.size()) * kGap);
  Frame frame{56, 34, 520, height, {}, {}};
  std::size_t epochs = 1;
  for (const auto& one : series) {
    epochs = std::max(epochs, one.mean.size());
    for (const auto* values : {&one.mean, &one.low, &one.high}) {
      for (const double value : *values) frame.y.take(value);
    }
  }
  frame.x = {1, std::max(2.0, static_cast<double>(epochs))};
  frame.y.widen(0.03);
  Svg svg(760, height + 84, "chart", title,
          "Lines are means over seeds, bands reach from the lowest to the highest seed.");
  draw_y_axis(svg, frame, y_title);
  for (const double tick : ticks(frame.x.low, frame.x.high, 8)) {
    if (tick != std::round(tick)) continue;
    svg.text({frame.px(tick), frame.top + height + 18}, number(tick + static_cast<double>(x.from - 1), 0), "tick",
             Svg::Anchor::kMiddle);
  }
  draw_x_title(svg, frame, x.title);

  std::vector<double> ends;
  for (const auto& one : series) {
    const auto last = std::find_if(one.mean.rbegin(), one.mean.rend(), [](double v) { return std::isfinite(v); });
    ends.push_back(last == one.mean.rend() ? frame.top : frame.py(*last));
  }
  const auto places = spread(ends, kGap, frame.top + 4, frame.top + height);
  const double edge = frame.left + frame.width;
  for (std::size_t i = series.size(); i-- > 0;) {  // the best ones on top
    svg.open_group("series " + series[i].css_class, series[i].label);
    if (const auto outline = band(series[i], frame); outline.size() > 2) svg.polygon(outline, "band");
    for (const auto& line : stretches(series[i].mean, frame)) svg.polyline(line, "curve");
    const double end = frame.px(static_cast<double>(series[i].mean.size()));
    svg.polyline({{end, ends[i]}, {edge + 10, places[i]}, {edge + 16, places[i]}}, "leader");
    svg.text({edge + 20, places[i] + 4}, series[i].label, "label");
    svg.close_group();
  }
  return svg.str();
}

std::string small_curve(const std::string& title, const std::string& unit, const std::vector<double>& values,
                        std::int64_t from) {
  Frame frame{44, 26, 300, 120, {1, std::max(2.0, static_cast<double>(values.size()))}, {}};
  for (const double value : values) frame.y.take(value);
  frame.y.widen(0.05);
  Svg svg(360, 172, "chart small", title, "");
  const auto places = ticks(frame.y.low, frame.y.high, 4);
  for (const double tick : places) {
    const double y = frame.py(tick);
    svg.line({frame.left, y}, {frame.left + frame.width, y}, "grid");
    svg.text({frame.left - 6, y + 4}, number(tick, tick_decimals(places)), "tick", Svg::Anchor::kEnd);
  }
  svg.text({4, 14}, unit.empty() ? title : title + " (" + unit + ")", "axis-title");
  svg.line({frame.left, frame.top + frame.height}, {frame.left + frame.width, frame.top + frame.height}, "axis");
  svg.text({frame.left, frame.top + frame.height + 16}, std::to_string(from), "tick", Svg::Anchor::kMiddle);
  const auto last = static_cast<std::int64_t>(values.size()) + from - 1;
  svg.text({frame.left + frame.width, frame.top + frame.height + 16}, std::to_string(last), "tick",
           Svg::Anchor::kMiddle);
  svg.open_group("series s0");
  for (const auto& line : stretches(values, frame)) svg.polyline(line, "curve");
  svg.close_group();
  return svg.str();
}

namespace {

struct Box {
  double left, top, right, bottom;
  bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

struct Place {
  Point at;
  Svg::Anchor anchor;
  bool leader = false;
};

// Where a label of this width may stand around its point, nearest first; the far ones need a leader line.
std::vector<Place> candidates(Point point) {
  std::vector<Place> places{{{point.x + 9, point.y + 4}, Svg::Anchor::kStart},
                            {{point.x - 9, point.y + 4}, Svg::Anchor::kEnd},
                            {{point.x, point.y - 10}, Svg::Anchor::kMiddle},
                            {{point.x, point.y + 19}, Svg::Anchor::kMiddle}};
  for (const double away : {22.0, 36.0, 50.0, 66.0, 84.0}) {
    for (const double side : {1.0, -1.0}) {
      places.push_back({{point.x + 14, point.y + side * away + 4}, Svg::Anchor::kStart, true});
      places.push_back({{point.x - 14, point.y + side * away + 4}, Svg::Anchor::kEnd, true});
    }
  }
  return places;
}

Box box_of(const Place& place, double width) {
  const double left = place.anchor == Svg::Anchor::kStart ? place.at.x
                      : place.anchor == Svg::Anchor::kEnd ? place.at.x - width
                                                          : place.at.x - width / 2;
  return {left - 2, place.at.y - 11, left + width + 2, place.at.y + 3};
}

// A place for each label that meets nothing else, the first points first; none where everything is taken.
std::vector<std::optional<Place>> place_labels(const std::vector<Point>& points, const std::vector<std::string>& labels,
                                               const Box& room, std::vector<Box> taken) {
  constexpr double kLetter = 6.6;  // mean width of a letter at 12 px, a little generous
  for (const auto& point : points) taken.push_back({point.x - 5, point.y - 5, point.x + 5, point.y + 5});
  std::vector<std::optional<Place>> chosen;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double width = kLetter * static_cast<double>(labels[i].size());
    const auto options = candidates(points[i]);
    const auto fits = [&](const Place& place) {
      const Box box = box_of(place, width);
      if (box.left < room.left || box.right > room.right || box.top < room.top || box.bottom > room.bottom)
        return false;
      return std::none_of(taken.begin(), taken.end(), [&](const Box& other) { return box.meets(other); });
    };
    const auto found = std::find_if(options.begin(), options.end(), fits);
    chosen.push_back(found == options.end() ? std::nullopt : std::optional(*found));
    if (chosen.back()) taken.push_back(box_of(*chosen.back(), width));
  }
  return chosen;
}

}  // namespace

std::string cost_plot(const std::string& title, const std::string& x_title, const std::string& y_title,
                      const std::vector<CostPoint>& points) {
  Frame frame{56, 34, 680, 300, {}, {}};
  for (const auto& point : points) {
    frame.x.take(std::log10(std::max(point.cost, 1e-3)));
    frame.y.take(point.value);
  }
  frame.x.widen(0.12);
  frame.y.widen(0.1);
  Svg svg(760, 390, "chart", title, "One point a method: mean cost, mean score. Left is cheaper.");
  draw_y_axis(svg, frame, y_title);
  for (int power = static_cast<int>(std::floor(frame.x.low)); power <= static_cast<int>(frame.x.high) + 1; ++power) {
    for (const int digit : {1, 2, 5}) {
      const double seconds = digit * std::pow(10, power), at = std::log10(seconds);
      if (at < frame.x.low || at > frame.x.high) continue;
      svg.line({frame.px(at), frame.top + frame.height}, {frame.px(at), frame.top + frame.height + 4}, "axis");
      svg.text({frame.px(at), frame.top + frame.height + 18}, shortest(seconds), "tick", Svg::Anchor::kMiddle);
    }
  }
  draw_x_title(svg, frame, x_title + " (log scale)");

  std::vector<Point> places;
  std::vector<std::string> labels;
  std::vector<Box> bars;
  for (const auto& point : points) {
    const Point at{frame.px(std::log10(std::max(point.cost, 1e-3))), frame.py(point.value)};
    places.push_back(at);
    labels.push_back(point.label);
    if (point.interval) {
      bars.push_back({at.x - 2, frame.py(std::min(point.interval->high, frame.y.high)), at.x + 2,
                      frame.py(std::max(point.interval->low, frame.y.low))});
    }
  }
  const Box room{frame.left, frame.top - 8, frame.left + frame.width + 20, frame.top + frame.height};
  const auto texts = place_labels(places, labels, room, bars);
  for (std::size_t i = points.size(); i-- > 0;) {
    svg.open_group("series " + points[i].css_class, points[i].tip);
    if (points[i].interval) {
      const double low = std::max(points[i].interval->low, frame.y.low),
                   high = std::min(points[i].interval->high, frame.y.high);
      svg.line({places[i].x, frame.py(low)}, {places[i].x, frame.py(high)}, "interval");
    }
    const auto& text = texts[i];
    if (text && text->leader) svg.line(places[i], {text->at.x, text->at.y - 4}, "leader");
    svg.circle(places[i], 4.5, "dot");
    if (text) svg.text(text->at, points[i].label, "label", text->anchor);
    svg.close_group();
  }
  return svg.str();
}

std::string rank_diagram(const std::string& title, const std::vector<RankMark>& marks,
                         const std::vector<RankBar>& bars) {
  const std::size_t half = (marks.size() + 1) / 2;
  std::size_t longest = 0;
  for (const auto& mark : marks) longest = std::max(longest, mark.label.size());
  const double left = 60 + 6.6 * static_cast<double>(longest);  // label, its mean rank, the end of its leader
  const double width = 380, top = 36, bars_top = top + 16, row = 18;
  const double labels_top = bars_top + static_cast<double>(bars.size()) * 8 + 14;
  const double height = labels_top + static_cast<double>(half) * row + 8;
  Svg svg(width + 2 * left, height, "chart", title,
          "Mean rank over settings, best on the left. A bar joins methods that no test separates.");
  const double worst = std::max(2.0, static_cast<double>(marks.size()));
  const auto x = [&](double rank) { return left + (rank - 1) / (worst - 1) * width; };
  svg.line({left, top}, {left + width, top}, "axis");
  for (const double tick : ticks(1, worst, 8)) {
    svg.line({x(tick), top - 5}, {x(tick), top}, "axis");
    svg.text({x(tick), top - 10}, number(tick, 0), "tick", Svg::Anchor::kMiddle);
  }
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const bool on_left = i < half;
    const double y = labels_top + static_cast<double>(on_left ? i : marks.size() - 1 - i) * row;
    const double at = x(marks[i].mean_rank), end = on_left ? left - 12 : left + width + 12;
    svg.polyline({{at, top}, {at, y}, {end, y}}, "leader");
    svg.circle({at, top}, 3, "dot");
    const auto label = marks[i].label + "  " + number(marks[i].mean_rank, 1);
    svg.text({on_left ? end - 5 : end + 5, y + 4}, label, "label", on_left ? Svg::Anchor::kEnd : Svg::Anchor::kStart);
  }
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = bars_top + static_cast<double>(i) * 8;
    svg.line({x(bars[i].from) - 4, y}, {x(bars[i].to) + 4, y}, "clique");
  }
  return svg.str();
}

}  // namespace assay
