#include "report/answers.hpp"

#include <bit>
#include <cmath>

namespace assay {

namespace {

const Prediction* named(const std::vector<Prediction>& predictions, const char* name) {
  for (const auto& prediction : predictions) {
    if (prediction.name == name && prediction.dtype == "u8") return &prediction;
  }
  return nullptr;
}

}  // namespace

std::optional<double> value_of(const Result& run, const std::string& metric) {
  for (const auto& [name, value] : run.metrics) {
    if (name == metric) return value;
  }
  return std::nullopt;
}

AnswerSheets::AnswerSheets(const Metric& ranking) : ranking_(ranking), scale_(ranking.unit == "%" ? 100 : 1) {}

void AnswerSheets::add(const Result& run, const std::vector<Prediction>& predictions) {
  const auto* test = named(predictions, "test");
  const auto* target = named(predictions, "target");
  if (!test || test->bytes.empty()) return;
  Sheet sheet;
  sheet.examples = test->bytes.size();
  sheet.constant = test->bytes.size() > 1 && test->bytes.find_first_not_of(test->bytes[0]) == std::string::npos;
  if (target && target->shape == test->shape && target->bytes.size() == test->bytes.size()) {
    sheet.right.assign((sheet.examples + 63) / 64, 0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < sheet.examples; ++i) {
      const bool right = test->bytes[i] == target->bytes[i];
      sheet.right[i / 64] |= static_cast<std::uint64_t>(right) << (i % 64);
      count += right;
    }
    const double share = scale_ * static_cast<double>(count) / static_cast<double>(sheet.examples);
    const auto score = value_of(run, ranking_.name);
    sheet.scores = score && std::abs(share - *score) <= 1e-5 * scale_;  // metrics may have passed through float32
  }
  sheets_[run.id] = std::move(sheet);
}

std::optional<AnswerSheets::Turned> AnswerSheets::turned(std::int64_t first, std::int64_t second) const {
  const auto a = sheets_.find(first), b = sheets_.find(second);
  if (a == sheets_.end() || b == sheets_.end() || !a->second.scores || !b->second.scores) return std::nullopt;
  if (a->second.examples != b->second.examples) return std::nullopt;
  Turned turned{0, 0, a->second.examples};
  for (std::size_t i = 0; i < a->second.right.size(); ++i) {
    const auto x = a->second.right[i], y = b->second.right[i];
    turned.gained += static_cast<std::size_t>(std::popcount(x & ~y));
    turned.lost += static_cast<std::size_t>(std::popcount(y & ~x));
  }
  return turned;
}

bool AnswerSheets::constant(std::int64_t run) const {
  const auto found = sheets_.find(run);
  return found != sheets_.end() && found->second.constant;
}

}  // namespace assay
