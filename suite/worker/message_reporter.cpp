#include "worker/message_reporter.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "engine/messages.hpp"
#include "engine/processes.hpp"
#include "learn/registry.hpp"

namespace assay {

namespace {

constexpr std::size_t kMostPredictionBytes = 8 << 20;
constexpr auto kBetweenEpochs = std::chrono::milliseconds(50);  // the display shows ten states a second

std::size_t size_of(const std::string& dtype) {
  if (dtype == "u8") return 1;
  if (dtype == "i32" || dtype == "f32") return 4;
  throw std::invalid_argument("a prediction's dtype is \"u8\", \"i32\" or \"f32\", not \"" + dtype + "\"");
}

}  // namespace

MessageReporter::MessageReporter(std::int64_t run, int messages) : run_(run), messages_(messages) {}

void MessageReporter::send(const std::string& kind, const Json& body) {
  const auto text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  write_whole(messages_, "{\"run\":" + std::to_string(run_) + ",\"" + kind + "\":" + text + "}\n");
}

void MessageReporter::epoch(std::int64_t epoch, std::int64_t of, const std::map<std::string, double>& values) {
  if (epoch < 1) throw std::invalid_argument("epochs count from 1, not from " + std::to_string(epoch));
  for (const auto& [name, value] : values) {
    auto& curve = gathered_.curves[name];
    curve.resize(std::max(curve.size(), static_cast<std::size_t>(epoch)), std::numeric_limits<double>::quiet_NaN());
    curve[static_cast<std::size_t>(epoch) - 1] = value;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - last_epoch_ < kBetweenEpochs && epoch != of) return;
  last_epoch_ = now;
  send("epoch", {{"epoch", epoch}, {"of", of}, {"values", values}});
}

void MessageReporter::metric(const std::string& name, double value) {
  if (!std::isfinite(value)) throw NonFinite("metric " + name + " is " + shortest(value));
  gathered_.metrics[name] = value;
}

void MessageReporter::prediction(const std::string& name, const std::string& dtype,
                                 const std::vector<std::int64_t>& shape, std::string bytes) {
  auto expected = static_cast<std::int64_t>(size_of(dtype));
  for (const auto extent : shape) expected *= extent;
  if (expected != static_cast<std::int64_t>(bytes.size())) {
    throw std::invalid_argument("prediction " + name + ": expected " + std::to_string(expected) +
                                " bytes by its shape, found " + std::to_string(bytes.size()));
  }
  prediction_bytes_ += bytes.size();
  if (prediction_bytes_ > kMostPredictionBytes) {
    throw std::length_error("predictions: expected at most " + assay::bytes(kMostPredictionBytes) + " in all, found " +
                            assay::bytes(prediction_bytes_));
  }
  gathered_.predictions.push_back({name, dtype, shape, std::move(bytes)});
}

std::string MessageReporter::picture(const std::string& media_type, std::string bytes) {
  const auto id = sha256(bytes);
  for (const auto& known : gathered_.pictures) {
    if (known.sha256 == id) return id;
  }
  gathered_.pictures.push_back({id, media_type, std::move(bytes)});
  return id;
}

void MessageReporter::send_result() {
  gathered_.digest = digest_of(gathered_, digested_);
  send("result", result_to_json(gathered_));
}

void MessageReporter::send_failure(const std::string& failure, const std::string& message) {
  send("failed", {{"failure", failure}, {"message", message}});
}

}  // namespace assay
