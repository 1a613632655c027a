#include "worker/run_child.hpp"

#include <c10/util/Exception.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <new>
#include <system_error>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "learn/determinism.hpp"
#include "learn/job.hpp"
#include "learn/registry.hpp"
#include "worker/message_reporter.hpp"
#include "worker/sandbox.hpp"

namespace assay {

namespace {

bool mentions(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// Libraries pass on the system's message, not its number: LibTorch's own errors and stream failures are known by their
// text.
const char* failure_of(const std::exception& error) {
  const std::string what = error.what();
  if (dynamic_cast<const NonFinite*>(&error)) return failure::kNonFinite;
  if (dynamic_cast<const DataError*>(&error)) return failure::kData;
  if (dynamic_cast<const std::bad_alloc*>(&error)) return failure::kOutOfMemory;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error)) return failure::kOutOfMemory;
  if (mentions(what, "DefaultCPUAllocator: ")) return failure::kOutOfMemory;
  for (const int full : {ENOSPC, EDQUOT, EFBIG}) {
    if (mentions(what, std::strerror(full))) return failure::kDiskFull;
  }
  return failure::kException;
}

std::string message_of(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const auto what = one_line(torch_error ? torch_error->what_without_backtrace() : error.what());
  return what.size() <= 500 ? what : what.substr(0, 497) + "...";
}

void run_task(const Json& json, Reporter& reporter) {
  const auto job = Job::from_json(json);
  const auto* task = Registry::instance().task(job.task);
  if (task == nullptr) throw std::invalid_argument("this worker has no task \"" + job.task + "\"");
  learn::make_deterministic();
  task->run(job, reporter);
}

}  // namespace

void run_child(const RunRequest& request, const ChildPlace& place) {
  enter_sandbox(request, place);
  const pid_t self = getpid();
  MessageReporter reporter(request.run, place.messages);
  int status = 0;
  try {
    run_task(request.job, reporter);
    if (getpid() != self) _exit(0);  // a process that a method forked and let return: the result is not its to give
    reporter.send_result();
  } catch (const std::exception& error) {
    if (getpid() != self) _exit(1);
    reporter.send_failure(failure_of(error), message_of(error));
    status = 1;
  } catch (...) {
    if (getpid() != self) _exit(1);
    reporter.send_failure(failure::kException, "the method threw something that is no std::exception");
    status = 1;
  }
  std::fflush(nullptr);
  std::cout.flush();
  _exit(status);  // no destructors: the process ends anyway, and freeing a gigabyte takes time
}

}  // namespace assay
