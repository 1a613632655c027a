// A small builder of inline SVG. Everything that comes from outside is escaped here; numbers have at most two decimals,
// so that the same figures give the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

std::string escape_markup(std::string_view text);  // & < > " '

struct Point {
  double x = 0, y = 0;
};

class Svg {
 public:
  // A picture of width x height user units that scales with its box. Screen readers get title and description.
  Svg(double width, double height, std::string_view css_class, std::string_view title, std::string_view description);

  // Attributes of the element opened last by line, rect, ... ; classes carry all colours, see assets/assay.css.
  Svg& line(Point from, Point to, std::string_view css_class);
  Svg& rect(Point corner, double width, double height, std::string_view css_class);
  Svg& circle(Point centre, double radius, std::string_view css_class, std::string_view tip = {});
  Svg& diamond(Point centre, double radius, std::string_view css_class, std::string_view tip = {});
  Svg& polyline(const std::vector<Point>& points, std::string_view css_class);
  Svg& polygon(const std::vector<Point>& points, std::string_view css_class);
  enum class Anchor { kStart, kMiddle, kEnd };
  Svg& text(Point at, std::string_view content, std::string_view css_class, Anchor anchor = Anchor::kStart);
  Svg& open_group(std::string_view css_class, std::string_view tip = {});
  Svg& close_group();

  std::string str() const { return markup_ + "</svg>"; }

 private:
  void number(std::string_view name, double value);
  void css(std::string_view css_class);
  void tip(std::string_view element, std::string_view text);
  void points(const std::vector<Point>& points);

  std::string markup_;
};

// Round ticks that cover [low, high]: at most `most` of them.
std::vector<double> ticks(double low, double high, int most);
int tick_decimals(const std::vector<double>& ticks);

}  // namespace assay
