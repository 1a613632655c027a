#include "crack-width/exhibit.hpp"

#include <array>
#include <cmath>
#include <set>

#include "core/text.hpp"
#include "learn/png.hpp"

namespace assay::crack_width {

namespace {

constexpr std::size_t kExamples = 4;
constexpr std::int64_t kCutOut = 48, kZoom = 6;  // a little more than the patch that Cascaded PCA looks at
constexpr double kThin = 0.3, kDot = 0.8;  // half the width of a drawn line, radius of the check point: mask pixels

using Colour = std::array<std::uint8_t, 3>;  // task.json's legend names them, too
constexpr Colour kPaper{255, 255, 255}, kCrack{0xc8, 0xc8, 0xc8}, kLine{0xd5, 0x5e, 0x00}, kPoint{0x00, 0x72, 0xb2};

double distance(const Place& a, const Place& b) { return std::hypot(a.x - b.x, a.y - b.y); }

double distance_to_segment(const Place& p, const Place& a, const Place& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy;
  const double v = squared > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / squared, 0.0, 1.0) : 0;
  return distance(p, {a.x + v * dx, a.y + v * dy});
}

bool on_line(const Place& here, const Measurement& measurement) {
  if (const auto& chord = measurement.chord) return distance_to_segment(here, chord->begin, chord->end) <= kThin;
  if (const auto& disc = measurement.disc) {
    return std::abs(distance(here, disc->centre) - disc->radius) <= kThin;
  }
  return false;
}

std::string in_pixels(double width) { return fixed(width, 1) + " px"; }

struct Shown {
  std::size_t scene = 0, point = 0;
};

std::vector<Shown> chosen(const std::vector<Scene>& scenes, Stream stream) {
  std::vector<Shown> all;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (std::size_t j = 0; j < scenes[i].points.size(); ++j) all.push_back({i, j});
  }
  stream.shuffle(all);
  std::vector<Shown> taken;
  std::set<std::size_t> used;
  for (std::size_t k = 0; k < kExamples; ++k) {
    const bool irregular = k % 2 == 0;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Shown& shown) {
      return !used.contains(shown.scene) && scenes[shown.scene].points[shown.point].irregular == irregular;
    });
    if (found == all.end()) continue;
    used.insert(found->scene);
    taken.push_back(*found);
  }
  return taken;
}

Json answer_of(const Mask& mask, const cracks::CheckPoint& point, const std::optional<Measurement>& measurement,
               Reporter& reporter) {
  const auto picture = reporter.picture("image/png", drawn(mask, {point.x, point.y}, measurement));
  const double tolerance = std::max(1.0, 0.1 * point.width);
  const bool right = measurement && std::abs(measurement->width - point.width) <= tolerance;
  return {{"picture", picture},
          {"caption", measurement ? in_pixels(measurement->width) : "no value"},
          {"verdict", right ? "right" : "wrong"}};
}

}  // namespace

std::string drawn(const Mask& mask, const Pixel& point, const std::optional<Measurement>& measurement) {
  const auto height = std::min(kCutOut, mask.height), width = std::min(kCutOut, mask.width);
  const auto top = std::clamp<std::int64_t>(point.y - height / 2, 0, mask.height - height);
  const auto left = std::clamp<std::int64_t>(point.x - width / 2, 0, mask.width - width);
  const auto rows = kZoom * height, columns = kZoom * width;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * rows * columns));
  for (std::int64_t v = 0; v < rows; ++v) {
    for (std::int64_t u = 0; u < columns; ++u) {
      const auto at = [](std::int64_t first, std::int64_t fine) {  // a fine pixel's centre among the mask's pixels
        return static_cast<double>(first) + (static_cast<double>(fine) + 0.5) / kZoom - 0.5;
      };
      const Place here{at(left, u), at(top, v)}, dot{static_cast<double>(point.x), static_cast<double>(point.y)};
      const auto& colour = distance(here, dot) <= kDot                  ? kPoint
                           : measurement && on_line(here, *measurement) ? kLine
                           : mask(top + v / kZoom, left + u / kZoom)    ? kCrack
                                                                        : kPaper;
      for (std::int64_t c = 0; c < 3; ++c) {
        pixels[static_cast<std::size_t>((c * rows + v) * columns + u)] = colour[static_cast<std::size_t>(c)];
      }
    }
  }
  return learn::png(pixels, 3, rows, columns);
}

Json exhibit(const std::vector<Scene>& scenes, const std::vector<Measured>& measured, Stream stream,
             Reporter& reporter) {
  Json examples = Json::array();
  for (const auto& [i, j] : chosen(scenes, stream)) {
    const auto& mask = scenes[i].mask;
    const auto& point = scenes[i].points[j];
    const auto question = reporter.picture("image/png", drawn(mask, {point.x, point.y}, std::nullopt));
    examples.push_back(
        {{"id", "scene " + std::to_string(i) + ", point " + std::to_string(j)},
         {"shared",
          {{{"title", "mask"}, {"picture", question}},
           {{"title", "truth"}, {"caption", in_pixels(point.width) + (point.irregular ? ", irregular" : "")}}}},
         {"answer", answer_of(mask, point, measured[i].answers[j], reporter)}});
  }
  return examples;
}

}  // namespace assay::crack_width
