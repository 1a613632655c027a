// Tasks and methods register themselves by being linked. The only global mutable state of the suite.
#pragma once

#include <functional>
#include <source_location>
#include <string>
#include <vector>

#include "learn/job.hpp"
#include "learn/reporter.hpp"

namespace assay {

// Runs one job to its end: reads the data, builds the method named by the job, trains, scores, reports. Throws on
// failure.
using RunTask = std::function<void(const Job&, Reporter&)>;

struct TaskEntry {
  std::string id, source;  // source: the file that registered it, as the compiler saw it
  RunTask run;
};
struct MethodEntry {
  std::string task, id, source;
};

class Registry {
 public:
  static Registry& instance();
  void add_task(TaskEntry entry);  // std::logic_error for an id given twice
  void add_method(MethodEntry entry);
  const TaskEntry* task(const std::string& id) const;
  std::vector<TaskEntry> tasks() const;      // by id
  std::vector<MethodEntry> methods() const;  // by task, then id

 private:
  std::vector<TaskEntry> tasks_;
  std::vector<MethodEntry> methods_;
};

struct RegisterTask {
  RegisterTask(std::string id, RunTask run, std::source_location here = std::source_location::current()) {
    Registry::instance().add_task({std::move(id), here.file_name(), std::move(run)});
  }
};

// A loss or a metric that is NaN or infinite ends the run with the failure class non-finite.
struct NonFinite : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace assay
