#include "report/svg.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace assay {

namespace {

void append_number(std::string& text, double value) {
  const double rounded = std::round(value * 100) / 100 + 0.0;  // + 0.0: no negative zero
  std::array<char, 32> buffer;
  text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded).ptr);
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

Svg::Svg(double width, double height, std::string_view css_class, std::string_view title,
         std::string_view description) {
  markup_ = "<svg viewBox=\"0 0 ";
  append_number(markup_, width);
  markup_ += ' ';
  append_number(markup_, height);
  markup_ += "\" role=\"img\"";
  css(css_class);
  markup_ += " aria-label=\"" + escape_markup(title) + "\"><title>" + escape_markup(title) + "</title>";
  if (!description.empty()) markup_ += "<desc>" + escape_markup(description) + "</desc>";
}

void Svg::number(std::string_view name, double value) {
  markup_ += ' ';
  markup_ += name;
  markup_ += "=\"";
  append_number(markup_, value);
  markup_ += '"';
}

void Svg::css(std::string_view css_class) {
  if (!css_class.empty()) markup_ += " class=\"" + escape_markup(css_class) + "\"";
}

void Svg::tip(std::string_view element, std::string_view text) {
  if (text.empty()) {
    markup_ += "/>";
    return;
  }
  markup_ += "><title>" + escape_markup(text) + "</title></";
  markup_ += element;
  markup_ += '>';
}

void Svg::points(const std::vector<Point>& points) {
  markup_ += " points=\"";
  for (const auto& point : points) {
    if (&point != &points.front()) markup_ += ' ';
    append_number(markup_, point.x);
    markup_ += ',';
    append_number(markup_, point.y);
  }
  markup_ += '"';
}

Svg& Svg::line(Point from, Point to, std::string_view css_class) {
  markup_ += "<line";
  number("x1", from.x), number("y1", from.y), number("x2", to.x), number("y2", to.y);
  css(css_class);
  markup_ += "/>";
  return *this;
}

Svg& Svg::rect(Point corner, double width, double height, std::string_view css_class) {
  markup_ += "<rect";
  number("x", corner.x), number("y", corner.y), number("width", width), number("height", height);
  css(css_class);
  markup_ += "/>";
  return *this;
}

Svg& Svg::circle(Point centre, double radius, std::string_view css_class, std::string_view tip_text) {
  markup_ += "<circle";
  number("cx", centre.x), number("cy", centre.y), number("r", radius);
  css(css_class);
  tip("circle", tip_text);
  return *this;
}

Svg& Svg::diamond(Point centre, double radius, std::string_view css_class, std::string_view tip_text) {
  markup_ += "<polygon";
  points({{centre.x, centre.y - radius},
          {centre.x + radius, centre.y},
          {centre.x, centre.y + radius},
          {centre.x - radius, centre.y}});
  css(css_class);
  tip("polygon", tip_text);
  return *this;
}

Svg& Svg::polyline(const std::vector<Point>& line, std::string_view css_class) {
  markup_ += "<polyline";
  points(line);
  css(css_class);
  markup_ += "/>";
  return *this;
}

Svg& Svg::polygon(const std::vector<Point>& outline, std::string_view css_class) {
  markup_ += "<polygon";
  points(outline);
  css(css_class);
  markup_ += "/>";
  return *this;
}

Svg& Svg::text(Point at, std::string_view content, std::string_view css_class, Anchor anchor) {
  markup_ += "<text";
  number("x", at.x), number("y", at.y);
  css(css_class);
  if (anchor != Anchor::kStart) {
    markup_ += anchor == Anchor::kMiddle ? " text-anchor=\"middle\"" : " text-anchor=\"end\"";
  }
  markup_ += '>' + escape_markup(content) + "</text>";
  return *this;
}

Svg& Svg::open_group(std::string_view css_class, std::string_view tip_text) {
  markup_ += "<g";
  css(css_class);
  markup_ += '>';
  if (!tip_text.empty()) markup_ += "<title>" + escape_markup(tip_text) + "</title>";
  return *this;
}

Svg& Svg::close_group() {
  markup_ += "</g>";
  return *this;
}

std::vector<double> ticks(double low, double high, int most) {
  if (!(high > low)) high = low + 1;
  const double rough = (high - low) / most, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> places;
  for (double at = std::ceil(low / step - 1e-9); at * step <= high + step * 1e-9; ++at) places.push_back(at * step);
  return places;
}

int tick_decimals(const std::vector<double>& places) {
  if (places.size() < 2) return 2;
  const double step = places[1] - places[0];
  return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
}

}  // namespace assay
