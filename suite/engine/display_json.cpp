// One JSON object a line on standard output, for programs that follow a run.
#include <cmath>
#include <iostream>

#include "engine/execute.hpp"

namespace assay {

namespace {

class JsonLines final : public Progress {
 public:
  void start(const Plan& plan, std::size_t to_run, int slots) override {
    say({{"event", "start"}, {"planned", plan.runs.size()}, {"to_run", to_run}, {"slots", slots}});
  }
  void started(int slot, const PlannedRun& run) override { say(about("started", slot, run)); }
  void epoch(int slot, const PlannedRun& run, std::int64_t epoch, std::int64_t of, double value) override {
    auto line = about("epoch", slot, run);
    line["epoch"] = epoch;
    line["of"] = of;
    line["value"] = std::isfinite(value) ? Json(value) : Json();
    say(line);
  }
  void finished(int slot, const RunOutcome& outcome) override {
    const auto& execution = outcome.execution;
    auto line = about("finished", slot, *outcome.run);
    line["failure"] = execution.failure;
    line["message"] = execution.message;
    line["metrics"] = execution.metrics;
    line["digest"] = execution.digest;
    line["seconds"] = execution.seconds;
    line["peak_memory_kb"] = execution.peak_memory_kb;
    line["stored"] = outcome.stored;
    say(line);
  }
  void tick() override {}
  void note(const std::string& line) override { say({{"event", "note"}, {"text", line}}); }
  void end() override { say({{"event", "end"}}); }

 private:
  static Json about(const char* event, int slot, const PlannedRun& run) {
    return {{"event", event},
            {"slot", slot},
            {"key", run.key},
            {"task", run.cell.task},
            {"setting", run.cell.setting},
            {"tier", run.cell.tier},
            {"method", run.cell.label},
            {"seed", run.cell.seed}};
  }
  static void say(const Json& line) {
    std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }
};

}  // namespace

std::unique_ptr<Progress> json_lines() { return std::make_unique<JsonLines>(); }

}  // namespace assay
