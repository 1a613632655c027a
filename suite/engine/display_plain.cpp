// One line for each finished run: for CI, files, and pipes. And the display that shows nothing.
#include <chrono>
#include <iostream>

#include "core/text.hpp"
#include "engine/display_text.hpp"

namespace assay {

namespace {

class PlainLines final : public Progress {
 public:
  void start(const Plan&, std::size_t to_run, int slots) override {
    tally_.start(to_run, slots);
    std::cout << to_run << " runs to do on " << slots << (slots == 1 ? " slot" : " slots") << std::endl;
  }
  void started(int, const PlannedRun&) override {}
  void epoch(int, const PlannedRun&, std::int64_t, std::int64_t, double) override {}
  void finished(int, const RunOutcome& outcome) override {
    tally_.finished(outcome);
    std::cout << finished_line(outcome, tally_.done(), tally_.to_run(), {}) << std::endl;
  }
  void tick() override {}
  void note(const std::string& line) override { std::cout << "note: " << line << std::endl; }
  void end() override {}

 private:
  Tally tally_;
};

class Silent final : public Progress {
 public:
  void start(const Plan&, std::size_t, int) override {}
  void started(int, const PlannedRun&) override {}
  void epoch(int, const PlannedRun&, std::int64_t, std::int64_t, double) override {}
  void finished(int, const RunOutcome&) override {}
  void tick() override {}
  void note(const std::string&) override {}
  void end() override {}
};

}  // namespace

std::unique_ptr<Progress> plain_lines() { return std::make_unique<PlainLines>(); }
std::unique_ptr<Progress> silent() { return std::make_unique<Silent>(); }

}  // namespace assay
