#include "report/answers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "core/hash.hpp"

namespace assay {

namespace {

const Prediction* named(const std::vector<Prediction>& predictions, const std::string& name, const char* dtype) {
  for (const auto& prediction : predictions) {
    if (prediction.name == name && prediction.dtype == dtype) return &prediction;
  }
  return nullptr;
}

double scale_of(const Metric& metric) { return metric.unit == "%" ? 100 : 1; }

// Whether the mean of what was stored is the metric, which may have passed through float32.
bool gives(const Result& run, const Metric& metric, double mean) {
  const auto score = value_of(run, metric.name);
  return score && std::abs(mean - *score) <= 1e-5 * std::max(scale_of(metric), std::abs(*score));
}

std::vector<float> parts_of(const std::vector<Prediction>& predictions, const Metric& metric) {
  const auto* stored = named(predictions, "contribution:" + metric.name, "f32");
  std::vector<float> parts(stored ? stored->bytes.size() / sizeof(float) : 0);
  if (!parts.empty()) std::memcpy(parts.data(), stored->bytes.data(), parts.size() * sizeof(float));
  return parts;
}

struct Marked {
  std::vector<std::uint64_t> right;
  std::size_t count = 0, examples = 0;
  std::string truth;
};

std::optional<Marked> mark(const std::vector<Prediction>& predictions) {
  const auto* test = named(predictions, "test", "u8");
  const auto* target = named(predictions, "target", "u8");
  if (!test || !target || test->bytes.empty()) return std::nullopt;
  if (target->shape != test->shape || target->bytes.size() != test->bytes.size()) return std::nullopt;
  Marked marked{std::vector<std::uint64_t>((test->bytes.size() + 63) / 64, 0), 0, test->bytes.size(),
                sha256(target->bytes)};
  for (std::size_t i = 0; i < marked.examples; ++i) {
    const bool right = test->bytes[i] == target->bytes[i];
    marked.right[i / 64] |= static_cast<std::uint64_t>(right) << (i % 64);
    marked.count += right;
  }
  return marked;
}

bool is_constant(const std::vector<Prediction>& predictions) {
  const auto* test = named(predictions, "test", "u8");
  return test && test->bytes.size() > 1 && test->bytes.find_first_not_of(test->bytes[0]) == std::string::npos;
}

double overlap(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += static_cast<std::size_t>(std::popcount(a[i] & b[i]));
  return static_cast<double>(count);
}

}  // namespace

std::optional<double> value_of(const Result& run, const std::string& metric) {
  for (const auto& [name, value] : run.metrics) {
    if (name == metric) return value;
  }
  return std::nullopt;
}

AnswerSheets::AnswerSheets(const std::vector<const Metric*>& metrics) {
  for (const auto* metric : metrics) sheets_[metric];
}

void AnswerSheets::add(const Result& run, const std::vector<Prediction>& predictions) {
  if (is_constant(predictions)) constant_.insert(run.id);
  const auto marked = mark(predictions);
  for (auto& [metric, sheets] : sheets_) {
    auto parts = parts_of(predictions, *metric);
    const double examples = static_cast<double>(parts.size());
    if (!parts.empty() && gives(run, *metric, std::accumulate(parts.begin(), parts.end(), 0.0) / examples)) {
      const auto count = parts.size();
      sheets[run.id] = {{}, std::move(parts), count, ""};
    } else if (marked &&
               gives(run, *metric,
                     scale_of(*metric) * static_cast<double>(marked->count) / static_cast<double>(marked->examples))) {
      sheets[run.id] = {marked->right, {}, marked->examples, marked->truth};
    }
  }
}

const AnswerSheets::Sheet* AnswerSheets::sheet(const Metric& metric, std::int64_t run) const {
  const auto sheets = sheets_.find(&metric);
  if (sheets == sheets_.end()) return nullptr;
  const auto found = sheets->second.find(run);
  return found == sheets->second.end() ? nullptr : &found->second;
}

std::optional<AnswerSheets::Turned> AnswerSheets::turned(const Metric& metric, const Compared& pair) const {
  const auto* a = sheet(metric, pair.first);
  const auto* b = pair.second == kNoRun ? nullptr : sheet(metric, pair.second);
  if (!a || (!b && pair.second != kNoRun)) return std::nullopt;
  if (b && (a->examples != b->examples || a->parts.size() != b->parts.size())) return std::nullopt;
  Turned turned{a->right, {}, {a->parts.begin(), a->parts.end()}, a->examples, &a->truth};
  turned.lost.assign(a->right.size(), 0);
  for (std::size_t i = 0; b && i < a->right.size(); ++i) {
    turned.gained[i] = a->right[i] & ~b->right[i];
    turned.lost[i] = b->right[i] & ~a->right[i];
  }
  for (std::size_t i = 0; b && i < a->parts.size(); ++i) turned.parts[i] -= b->parts[i];
  return turned;
}

// Of the examples' differences, averaged over seeds. Right answers turn by +1, -1 or 0, so that the sum of the averages'
// squares is a sum of overlaps.
ExampleNoise AnswerSheets::joint_noise(std::span<const Turned> seeds, double scale) {
  const auto n = static_cast<double>(seeds.size());
  const auto examples = seeds.front().examples;
  if (!seeds.front().parts.empty()) {
    std::vector<double> means(examples, 0);
    for (const auto& seed : seeds) {
      for (std::size_t i = 0; i < examples; ++i) means[i] += seed.parts[i] / n;
    }
    return example_noise(means);
  }
  if (examples < 2) return {0, examples};
  double sum = 0, squares = 0;
  for (const auto& s : seeds) {
    sum += overlap(s.gained, s.gained) - overlap(s.lost, s.lost);
    for (const auto& t : seeds) {
      squares += overlap(s.gained, t.gained) + overlap(s.lost, t.lost);
      squares -= overlap(s.gained, t.lost) + overlap(s.lost, t.gained);
    }
  }
  const auto count = static_cast<double>(examples);
  const double mean = sum / n / count;
  const double variance = (squares / (n * n) - count * mean * mean) / (count - 1);
  return {scale * scale * variance / count, examples};
}

std::optional<ExampleNoise> AnswerSheets::noise(const Metric& metric, std::span<const Compared> seeds) const {
  std::vector<Turned> all;
  for (const auto& pair : seeds) {
    auto one = turned(metric, pair);
    if (!one) return std::nullopt;
    all.push_back(std::move(*one));
  }
  if (all.empty()) return std::nullopt;
  const auto& first = all.front();
  const bool shared = std::all_of(all.begin(), all.end(), [&](const Turned& other) {
    return other.examples == first.examples && other.parts.size() == first.parts.size() && *other.truth == *first.truth;
  });
  if (shared) return joint_noise(all, scale_of(metric));
  ExampleNoise sum{0, first.examples};
  for (const auto& one : all) {
    const auto noise = joint_noise(std::span(&one, 1), scale_of(metric));
    sum.variance += noise.variance / static_cast<double>(all.size() * all.size());
    sum.examples = std::min(sum.examples, noise.examples);
  }
  return sum;
}

}  // namespace assay
