#include "engine/display_text.hpp"

#include <algorithm>
#include <cmath>

#include "core/text.hpp"

namespace assay {

namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

}  // namespace

std::string Style::paint(const char* code, const std::string& text) const {
  return colour ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}

void Tally::start(std::size_t to_run, int slots) {
  to_run_ = to_run;
  slots_ = slots;
}

void Tally::finished(const RunOutcome& outcome) {
  ++(!outcome.stored ? elsewhere_ : outcome.execution.failure.empty() ? ok_ : failed_);
  spent_ += outcome.execution.seconds;
}

std::string Tally::head(int running, double elapsed, const Style& style) const {
  std::string text =
      std::to_string(done()) + "/" + std::to_string(to_run_) + " done, " + std::to_string(running) + " running";
  if (failed_ > 0) text += ", " + style.bad(std::to_string(failed_) + " failed");
  if (elsewhere_ > 0) text += ", " + std::to_string(elsewhere_) + " elsewhere";
  text += style.faint(", " + duration(elapsed) + " so far");
  if (done() == 0 || done() >= to_run_) return text;
  // By what the finished ones took: estimates of another machine would be wrong by a constant factor.
  const double rest = spent_ / static_cast<double>(done()) * static_cast<double>(to_run_ - done()) / slots_;
  return text + style.faint(", about " + duration(rest) + " left");
}

std::string name_of(const PlannedRun& run) {
  return run.cell.task + "/" + run.cell.setting + " " + run.cell.label + " seed " + std::to_string(run.cell.seed);
}

std::string value_text(const Task& task, double value) {
  if (!std::isfinite(value)) return "";
  const auto& metric = task.ranking();
  return metric.name + " " + fixed(value, metric.decimals) + (metric.unit.empty() ? "" : " " + metric.unit);
}

std::string finished_line(const RunOutcome& outcome, std::size_t done, std::size_t of, const Style& style) {
  const auto& execution = outcome.execution;
  const auto total = std::to_string(of);
  std::string count = std::to_string(done);
  count.insert(0, total.size() - std::min(total.size(), count.size()), ' ');
  const auto start = "[" + count + "/" + total + "] ";
  const auto name = padded(name_of(*outcome.run), 52);
  const auto time = "  " + style.faint(duration(execution.seconds));
  if (!execution.failure.empty()) {
    return start + style.bad("FAIL ") + name + " " + style.bad(execution.failure) + ": " + one_line(execution.message) +
           time;
  }
  const auto ranking = execution.metrics.find(outcome.run->task->ranking().name);
  const auto value = ranking == execution.metrics.end() ? "" : value_text(*outcome.run->task, ranking->second);
  return start + style.good("ok   ") + name + " " + value + time +
         (outcome.stored ? "" : " (stored by another process)");
}

std::string progress_bar(double part, int width, const Style& style) {
  const auto full = static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * width));
  std::string done, open;
  for (int i = 0; i < width; ++i) (i < full ? done : open) += style.unicode ? "━" : i < full ? "#" : "-";
  return style.good(done) + style.faint(open);
}

std::string slot_line(const SlotState& slot, const Style& style) {
  constexpr int kBarWidth = 16;
  if (slot.run == nullptr) return style.faint("  idle");
  const double part = slot.of > 0 ? static_cast<double>(slot.epoch) / static_cast<double>(slot.of) : 0;
  const auto epochs = slot.of > 0 ? std::to_string(slot.epoch) + "/" + std::to_string(slot.of) : "";
  return "  " + progress_bar(part, kBarWidth, style) + " " + padded(epochs, 7) + " " + padded(name_of(*slot.run), 48) +
         " " + padded(value_text(*slot.run->task, slot.value), 18) + " " + style.faint(duration(slot.seconds));
}

std::string clipped(const std::string& text, int width) {
  std::string kept;
  int shown = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '\x1b') {
      end = std::min(text.size(), text.find('m', i) + 1);
    } else {
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;  // one UTF-8 character
      if (++shown > width) {
        i = end;
        continue;
      }
    }
    kept.append(text, i, end - i);
    i = end;
  }
  return kept;
}

}  // namespace assay
