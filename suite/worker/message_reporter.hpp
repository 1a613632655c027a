// The Reporter of a real run: epochs go out as they come, everything else is gathered into the result.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "learn/reporter.hpp"
#include "store/records.hpp"

namespace assay {

class MessageReporter final : public Reporter {
 public:
  MessageReporter(std::int64_t run, int messages);

  void epoch(std::int64_t epoch, std::int64_t of, const std::map<std::string, double>& values) override;
  void metric(const std::string& name, double value) override;
  void prediction(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
                  std::string bytes) override;
  void digest(std::string_view bytes) override { digested_ += bytes; }
  std::string picture(const std::string& media_type, std::string bytes) override;
  void exhibit(Json examples) override { gathered_.exhibit = std::move(examples); }
  void note(const std::string& name, Json value) override { gathered_.notes[name] = std::move(value); }

  void send_result();
  void send_failure(const std::string& failure, const std::string& message);

 private:
  void send(const std::string& kind, const Json& body);

  std::int64_t run_;
  int messages_;
  std::chrono::steady_clock::time_point last_epoch_;
  Execution gathered_;  // only what read_result (engine/messages.hpp) reads
  std::size_t prediction_bytes_ = 0;
  std::string digested_;
};

}  // namespace assay
