// Tasks and methods register themselves by being linked. The only global mutable state of the suite.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "core/errors.hpp"
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

// The methods of a task, made by id. `Interface` is the abstract method that the task defines, with two members:
//   using Interface = Method;                             so that a method's class leads to it
//   static constexpr const char* kTask = "noisy-labels";  the task's id
template <typename Interface>
class Methods {
 public:
  using Make = std::function<std::unique_ptr<Interface>(StrictObject& parameters)>;

  static void add(const std::string& id, const std::string& source, Make make) {
    Registry::instance().add_method({Interface::kTask, id, source});
    by_id()[id] = std::move(make);
  }

  // DeclarationError for an id that nobody registered, and where a parameter is missing or the method reads none such.
  static std::unique_ptr<Interface> make(const std::string& id, const Json& parameters) {
    const auto found = by_id().find(id);
    if (found == by_id().end()) throw DeclarationError({"unknown method", "job", "a registered one", id, ""});
    StrictObject card(parameters, id, "parameters");
    auto method = found->second(card);
    card.done();
    return method;
  }

 private:
  static std::map<std::string, Make>& by_id() {
    static std::map<std::string, Make> makers;
    return makers;
  }
};

// At namespace scope of a method's file: const Register<Sam> sam_registered{"sam"};
template <typename M>
struct Register {
  explicit Register(const std::string& id, std::source_location here = std::source_location::current()) {
    Methods<typename M::Interface>::add(id, here.file_name(),
                                        [](StrictObject& parameters) { return std::make_unique<M>(parameters); });
  }
};

// A loss or a metric that is NaN or infinite ends the run with the failure class non-finite.
struct NonFinite : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace assay
