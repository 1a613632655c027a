// Small scenes that need no generator and jobs on them: runs of the whole task in a moment.
#pragma once

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "crack-width/run.hpp"
#include "learn/tests/memory_reporter.hpp"

namespace assay::crack_width::synthetic {

// A horizontal strip of `rows` rows from row `top` on, from edge to edge.
inline Mask strip(std::int64_t rows, std::int64_t top = 20, std::int64_t height = 60, std::int64_t width = 80) {
  Mask mask(height, width, 0);
  for (auto y = top; y < top + rows; ++y) {
    for (std::int64_t x = 0; x < width; ++x) mask(y, x) = 1;
  }
  return mask;
}

// A crack y = middle + swing sin(x / 18) of a width that swells and shrinks, and a straight one that crosses it if
// wanted.
inline Scene wavy(double swing, double mean_width, bool crossed) {
  constexpr std::int64_t kSide = 128;
  Scene scene;
  scene.mask = Mask(kSide, kSide, 0);
  const auto stamp = [&](double x, double y, double width) {
    for (auto i = std::lround(y) - 12; i <= std::lround(y) + 12; ++i) {
      for (auto j = std::lround(x) - 12; j <= std::lround(x) + 12; ++j) {
        const double dx = static_cast<double>(j) - x, dy = static_cast<double>(i) - y;
        if (scene.mask.inside(i, j) && dx * dx + dy * dy <= width * width / 4) scene.mask(i, j) = 1;
      }
    }
  };
  const auto width_at = [&](double x) { return mean_width * (1 + 0.3 * std::sin(x / 7)); };
  for (double x = 4; x < kSide - 4; x += 0.25) stamp(x, 64 + swing * std::sin(x / 18), width_at(x));
  if (crossed) {
    for (double y = 8; y < kSide - 8; y += 0.25) stamp(90 + y / 8, y, 3);
  }
  for (std::int64_t x = 26; x < kSide - 26; x += 5) {
    const auto at = static_cast<double>(x);
    const double heading = std::atan(swing / 18 * std::cos(at / 18));
    const auto y = std::lround(64 + swing * std::sin(at / 18));
    scene.points.push_back({x, y, width_at(at), heading, x % 2 == 0});
  }
  return scene;
}

inline std::vector<Scene> scenes() { return {wavy(6, 5, false), wavy(22, 4, true), wavy(14, 8, false)}; }
inline std::vector<double> calibration() { return {4, 5, 6}; }

// A job with the card's values; `parameters` overrides some. What it says about scenes counts only for run().
inline Job job(const std::string& method, const Json& parameters = Json::object(), const std::string& edges = "clean") {
  auto job = learn::job_with_card("crack-width", method, parameters);
  job.setting = edges;
  job.setting_parameters = {{"edges", edges}, {"seed", 5}, {"calibration_seed", 6}};
  job.budget = {{"scenes", 2}, {"side", 256}};
  return job;
}

inline learn::MemoryReporter run(const Job& job) {
  static const auto made = scenes();
  learn::MemoryReporter memory;
  run_on(made, calibration, job, memory);
  return memory;
}

// What a method answers about one point of a mask.
inline std::optional<Measurement> measure(const std::string& method, const Mask& mask, const Pixel& at,
                                          const Json& parameters = Json::object(), double heading = 0) {
  const auto made = Methods<Method>::make(method, job(method, parameters).parameters);
  made->start(calibration);
  const MaskFacts facts(mask);
  made->prepare(facts);
  return made->measure({at, {Granted({"heading"}), heading}});
}
inline double width(const std::string& method, const Mask& mask, const Pixel& at,
                    const Json& parameters = Json::object()) {
  const auto found = measure(method, mask, at, parameters);
  return found ? found->width : std::nan("");
}

}  // namespace assay::crack_width::synthetic
