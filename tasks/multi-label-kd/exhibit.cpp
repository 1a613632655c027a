#include "multi-label-kd/exhibit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>

#include "learn/png.hpp"

namespace assay::multi_label {

namespace {

using Colour = std::array<std::uint8_t, 3>;
// Okabe and Ito's palette: told apart by colour-blind readers. task.json's legend says what they mean.
constexpr Colour kRight{0x56, 0xb4, 0xe9}, kMissed{0xd5, 0x5e, 0x00}, kFalseAlarm{0xf0, 0xe4, 0x42},
    kRest{0x99, 0x99, 0x99}, kPaper{0xff, 0xff, 0xff}, kRule{0xd0, 0xd0, 0xd0};

// One bar for each label, top to bottom: as long as its probability, with a rule at one half.
std::string bars_png(const torch::Tensor& logits, const torch::Tensor& truth) {
  constexpr std::int64_t kWidth = 64, kBar = 5, kGap = 1;
  const auto labels = logits.size(0), height = labels * (kBar + kGap) + kGap;
  const auto size = static_cast<std::size_t>(kWidth * height);
  std::vector<std::uint8_t> planes(3 * size);
  const auto paint = [&](std::int64_t y, std::int64_t x, const Colour& colour) {
    for (std::size_t c = 0; c < 3; ++c) planes[c * size + static_cast<std::size_t>(y * kWidth + x)] = colour[c];
  };
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < kWidth; ++x) paint(y, x, x == kWidth / 2 ? kRule : kPaper);
  }
  for (std::int64_t k = 0; k < labels; ++k) {
    const bool yes = truth[k].item<float>() == 1, given = logits[k].item<float>() >= 0;
    const auto& colour = yes ? (given ? kRight : kMissed) : (given ? kFalseAlarm : kRest);
    const auto length = std::max<std::int64_t>(1, std::llround(kWidth * logits[k].sigmoid().item<double>()));
    for (std::int64_t y = 0; y < kBar; ++y) {
      for (std::int64_t x = 0; x < length; ++x) paint(kGap + k * (kBar + kGap) + y, x, colour);
    }
  }
  return learn::png(planes, 3, height, kWidth);
}

std::string names_of(const torch::Tensor& truth, const std::vector<std::string>& classes) {
  std::string text;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (truth[static_cast<std::int64_t>(k)].item<float>() == 1) text += (text.empty() ? "" : ", ") + classes[k];
  }
  return text.empty() ? "no label" : text;
}

// The labels that are given, and the true ones that are not, with their probabilities: likeliest first.
std::string caption_of(const torch::Tensor& logits, const torch::Tensor& truth,
                       const std::vector<std::string>& classes) {
  std::vector<std::pair<double, std::size_t>> told;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto at = static_cast<std::int64_t>(k);
    const double z = logits[at].item<float>();
    if (z >= 0 || truth[at].item<float>() == 1) told.emplace_back(-z, k);
  }
  std::sort(told.begin(), told.end());
  std::string text;
  for (const auto& [minus_z, k] : told) {
    char number[16];
    std::snprintf(number, sizeof number, " %.2f", 1 / (1 + std::exp(minus_z)));
    text += (text.empty() ? "" : ", ") + classes[k] + number;
  }
  return text.empty() ? "no label" : text;
}

bool all_right(const torch::Tensor& logits, const torch::Tensor& truth) {
  const auto judged = truth.ne(kUnknown);
  return logits.ge(0).masked_select(judged).equal(truth.eq(1).masked_select(judged));
}

}  // namespace

std::vector<std::int64_t> shown_rows(const torch::Tensor& labels, Stream stream) {
  const auto counts = labels.eq(1).sum(1);
  std::vector<std::int64_t> rows, others;
  std::vector<std::int64_t> seen;
  for (const auto row : stream.permutation(labels.size(0))) {
    const auto count = counts[row].item<std::int64_t>();
    const bool fresh = std::find(seen.begin(), seen.end(), count) == seen.end();
    if (fresh) seen.push_back(count);
    (fresh ? rows : others).push_back(row);
    if (static_cast<std::int64_t>(rows.size()) == kShown) break;
  }
  for (const auto row : others) {
    if (static_cast<std::int64_t>(rows.size()) >= kShown) break;
    rows.push_back(row);
  }
  return rows;
}

Json label_exhibit(const LabelledImages& test, const std::vector<std::string>& classes,
                   const std::vector<std::int64_t>& rows, const torch::Tensor& answer, const torch::Tensor& teacher,
                   Reporter& reporter) {
  const auto kept = [&](std::string png) { return reporter.picture("image/png", std::move(png)); };
  Json examples = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i], at = static_cast<std::int64_t>(i);
    const auto image = test.pixels[row].contiguous();
    const std::span pixels(image.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(image.numel()));
    const auto truth = test.labels[row];
    Json shared{{{"title", "image"},
                 {"picture", kept(learn::png(pixels, image.size(0), image.size(1), image.size(2)))},
                 {"caption", names_of(truth, classes)}}};
    if (teacher.defined()) {
      shared.push_back({{"title", "teacher"},
                        {"picture", kept(bars_png(teacher[at], truth))},
                        {"caption", caption_of(teacher[at], truth, classes)}});
    }
    examples.push_back({{"id", test.names[static_cast<std::size_t>(row)]},
                        {"shared", shared},
                        {"answer",
                         {{"picture", kept(bars_png(answer[at], truth))},
                          {"caption", caption_of(answer[at], truth, classes)},
                          {"verdict", all_right(answer[at], truth) ? "right" : "wrong"}}}});
  }
  return examples;
}

}  // namespace assay::multi_label
