// The lines that the displays show, as functions of what happened: no terminal, no clock.
#pragma once

#include <cstdint>
#include <string>

#include "engine/execute.hpp"

namespace assay {

// How a terminal is written to.
struct Style {
  bool colour = false, unicode = false;
  std::string paint(const char* code, const std::string& text) const;  // code: "31" is red
  std::string good(const std::string& text) const { return paint("32", text); }
  std::string bad(const std::string& text) const { return paint("31", text); }
  std::string faint(const std::string& text) const { return paint("2", text); }
};

// What has happened to all runs so far, and how long the rest may take.
class Tally {
 public:
  void start(std::size_t to_run, int slots);
  void finished(const RunOutcome& outcome);

  std::size_t done() const { return ok_ + failed_ + elsewhere_; }
  std::size_t to_run() const { return to_run_; }
  std::string head(int running, double elapsed_seconds, const Style& style) const;

 private:
  std::size_t to_run_ = 0, ok_ = 0, failed_ = 0, elsewhere_ = 0;
  int slots_ = 1;
  double spent_ = 0;  // seconds of finished runs
};

// What a slot of the live display is at.
struct SlotState {
  const PlannedRun* run = nullptr;
  std::int64_t epoch = 0, of = 0;
  double value = 0, seconds = 0;
};

std::string name_of(const PlannedRun& run);              // "noisy-labels/digits-40 gce seed 3"
std::string value_text(const Task& task, double value);  // of the ranking metric: "accuracy 71.20 %", "" for NaN
std::string finished_line(const RunOutcome& outcome, std::size_t done, std::size_t of, const Style& style);
std::string progress_bar(double part, int width, const Style& style);
std::string slot_line(const SlotState& slot, const Style& style);

// At most `width` characters of the text; escape sequences take no place and are always kept.
std::string clipped(const std::string& text, int width);

}  // namespace assay
