// The display for a terminal: finished runs scroll by as lines; below them a head line and a line for each slot are
// drawn again in place. The cursor stays visible and behind the last line, so that whatever ends the program leaves a
// sane terminal.
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <utility>

#include "engine/display_text.hpp"

namespace assay {

namespace {

using Clock = std::chrono::steady_clock;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Style style_of_terminal() {
  Style style;
  style.colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {  // the first that is set counts
    const auto value = variable(name);
    if (value.empty()) continue;
    style.unicode = value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
    break;
  }
  return style;
}

struct Size {
  int columns = 80, rows = 24;
};

Size size_of_terminal() {
  Size size;
  winsize window{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) size = {window.ws_col, window.ws_row};
  if (const int columns = std::atoi(variable("COLUMNS").c_str()); columns > 0) size.columns = columns;
  return size;
}

class LiveDisplay final : public Progress {
 public:
  ~LiveDisplay() override { show(erased()); }

  void start(const Plan&, std::size_t to_run, int slots) override {
    tally_.start(to_run, slots);
    slots_.resize(static_cast<std::size_t>(slots));
    started_at_.resize(slots_.size());
    began_ = Clock::now();
  }

  void started(int slot, const PlannedRun& run) override {
    const auto index = static_cast<std::size_t>(slot);
    slots_[index] = {&run, 0, 0, std::numeric_limits<double>::quiet_NaN(), 0};
    started_at_[index] = Clock::now();
  }

  void epoch(int slot, const PlannedRun& run, std::int64_t epoch, std::int64_t of, double value) override {
    slots_[static_cast<std::size_t>(slot)] = {&run, epoch, of, value, 0};
  }

  void finished(int slot, const RunOutcome& outcome) override {
    tally_.finished(outcome);
    slots_[static_cast<std::size_t>(slot)] = {};
    scroll(finished_line(outcome, tally_.done(), tally_.to_run(), style_) + "\n");
  }

  void tick() override { scroll(""); }
  void note(const std::string& line) override { scroll(style_.faint("note: " + line) + "\n"); }
  void end() override { show(erased()); }

 private:
  void scroll(const std::string& above) {
    auto text = erased() + above;  // before block(), which counts its lines anew
    text += block();
    show(text);
  }

  // Moves to the first line of the block and clears from there on.
  std::string erased() {
    if (drawn_ == 0) return "";
    const auto lines_up = std::exchange(drawn_, 0) - 1;
    return "\r" + (lines_up > 0 ? "\x1b[" + std::to_string(lines_up) + "A" : "") + "\x1b[J";
  }

  std::string block() {
    const auto size = size_of_terminal();
    int running = 0;
    for (const auto& slot : slots_) running += slot.run != nullptr;
    std::string text = clipped(tally_.head(running, seconds_since(began_), style_), size.columns - 1);
    drawn_ = 1;
    for (std::size_t i = 0; i < slots_.size() && drawn_ < size.rows - 1; ++i, ++drawn_) {
      auto slot = slots_[i];
      slot.seconds = seconds_since(started_at_[i]);
      text += "\n" + clipped(slot_line(slot, style_), size.columns - 1);
    }
    return text;
  }

  static double seconds_since(Clock::time_point time) {
    return std::chrono::duration<double>(Clock::now() - time).count();
  }
  static void show(const std::string& text) { std::cout << text << std::flush; }

  Style style_ = style_of_terminal();
  Tally tally_;
  std::vector<SlotState> slots_;
  std::vector<Clock::time_point> started_at_;
  Clock::time_point began_;
  int drawn_ = 0;  // lines of the block that stand on the screen
};

}  // namespace

std::unique_ptr<Progress> live_display() { return std::make_unique<LiveDisplay>(); }

}  // namespace assay
