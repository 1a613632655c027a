#include "crack-detection/exhibit.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "learn/png.hpp"
#include "vision/distance.hpp"

namespace assay::cracks {

namespace {

using Colour = std::array<std::uint8_t, 3>;
// Okabe and Ito's palette: told apart by colour-blind readers. task.json's legend says what they mean.
constexpr Colour kRight{0x56, 0xb4, 0xe9}, kFalseAlarm{0xf0, 0xe4, 0x42}, kMissed{0xd5, 0x5e, 0x00};

std::string grey_png(const vision::Grey& image) { return learn::png(image.values, 1, image.height, image.width); }

std::string truth_png(const Scored& one) {
  vision::Grey image(one.truth.height, one.truth.width);
  for (std::size_t i = 0; i < image.size(); ++i) image.values[i] = one.truth.values[i] ? 255 : 0;
  return grey_png(image);
}

std::string probability_png(const Scored& one) {
  constexpr float kLevels = 31;  // enough for the eye, and a fifth of the bytes
  vision::Grey image(one.p.height, one.p.width);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const auto level = static_cast<int>(one.p.values[i] * kLevels + 0.5F);
    image.values[i] = static_cast<std::uint8_t>(level * 255 / static_cast<int>(kLevels));
  }
  return grey_png(image);
}

// Coloured marks over nothing, to be laid over the photograph.
std::string overlay_png(const Scored& one, std::size_t k) {
  const double cut = threshold(k);
  const auto size = one.p.size();
  vision::Mask marked(one.p.height, one.p.width), truth = one.truth;
  for (std::size_t i = 0; i < size; ++i) {
    const bool ignored = one.ignored.size() > 0 && one.ignored.values[i];
    marked.values[i] = !ignored && one.p.values[i] >= cut;
    truth.values[i] = !ignored && truth.values[i];
  }
  const auto to_truth = vision::squared_distance(truth), to_mark = vision::squared_distance(marked);
  std::vector<std::uint8_t> planes(4 * size, 0);
  for (std::size_t i = 0; i < size; ++i) {
    const bool right = marked.values[i] && to_truth.values[i] <= kTolerance * kTolerance;
    const bool missed = truth.values[i] && to_mark.values[i] > kTolerance * kTolerance;
    if (!marked.values[i] && !missed) continue;
    const auto& colour = missed ? kMissed : right ? kRight : kFalseAlarm;
    for (std::size_t c = 0; c < 3; ++c) planes[c * size + i] = colour[c];
    planes[3 * size + i] = 255;
  }
  return learn::png(planes, 4, one.p.height, one.p.width);
}

std::vector<std::size_t> shown(const Split& test, std::span<const Scored> scored, Stream stream) {
  std::size_t cracked_left = 3, whole_left = 1;
  std::vector<std::size_t> rows;
  for (const auto row : stream.permutation(static_cast<std::int64_t>(test.pictures.size()))) {
    const auto& truth = scored[static_cast<std::size_t>(row)].truth.values;
    const bool cracked = std::find(truth.begin(), truth.end(), 1) != truth.end();
    auto& left = cracked ? cracked_left : whole_left;
    if (left == 0) continue;
    --left;
    rows.push_back(static_cast<std::size_t>(row));
  }
  return rows;
}

std::string caption_of(const Scored& one, std::size_t k) {
  const auto counts = tolerance_counts(one, kTolerance)[k];
  char text[48];
  if (counts.truth > 0) {
    std::snprintf(text, sizeof text, "F %.2f", f_measure(counts));
  } else {
    std::snprintf(text, sizeof text, "%lld false pixels", static_cast<long long>(counts.predicted));
  }
  return text;
}

}  // namespace

Json exhibit_of(const Split& test, std::span<const Scored> scored, std::size_t k, Stream stream, Reporter& reporter) {
  const auto kept = [&](std::string png) { return reporter.picture("image/png", std::move(png)); };
  Json examples = Json::array();
  for (const auto row : shown(test, scored, stream)) {
    const auto& one = scored[row];
    const auto photograph = kept(grey_png(test.photographs[row].grey));
    examples.push_back(
        {{"id", test.photographs[row].id},
         {"shared",
          {{{"title", "picture"}, {"picture", photograph}}, {{"title", "truth"}, {"picture", kept(truth_png(one))}}}},
         {"answer",
          {{"pictures",
            {{{"title", "probability of crack"}, {"picture", kept(probability_png(one))}},
             {{"title", "marks"}, {"picture", kept(overlay_png(one, k))}, {"over", photograph}}}},
           {"caption", caption_of(one, k)}}}});
  }
  return examples;
}

}  // namespace assay::cracks
