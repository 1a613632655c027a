#include "engine/verdict.hpp"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "core/text.hpp"
#include "store/records.hpp"

namespace assay {

namespace {

std::string megabytes(std::int64_t count) { return std::to_string(count) + " MB"; }

// "killed by SIGSEGV (Segmentation fault); last printed: ..."
std::string died_of(int signal, const Ending& ending) {
  const char* name = sigabbrev_np(signal);
  std::string message = "killed by SIG" + std::string(name != nullptr ? name : std::to_string(signal).c_str());
  if (const char* meaning = sigdescr_np(signal)) message += " (" + std::string(meaning) + ")";
  return ending.last_line.empty() ? message : message + "; last printed: " + ending.last_line;
}

Verdict verdict_of_signal(int signal, const Ending& ending) {
  const auto because = [&](const char* failure) { return Verdict{failure, died_of(signal, ending)}; };
  switch (signal) {
    case SIGABRT:
      return because(failure::kAbort);
    case SIGSEGV:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGTRAP:
    case SIGSYS:
      return because(failure::kCrash);
    case SIGXFSZ:
      return because(failure::kDiskFull);
    case SIGKILL:
      break;
    default:
      return because(failure::kKilled);
  }
  const bool near_limit = ending.peak_memory_kb > ending.memory_mb * 1024 * 9 / 10;
  if (!ending.kernel_killed && !near_limit) return because(failure::kKilled);
  return {failure::kOutOfMemory, "killed by the kernel at " + megabytes(ending.peak_memory_kb / 1024) +
                                     "; the limit is " + megabytes(ending.memory_mb)};
}

}  // namespace

Verdict verdict_of(const Ending& ending) {
  if (ending.flooded) return {failure::kOutputFlood, "printed more than " + bytes(ending.log_bytes)};
  const bool exited = WIFEXITED(ending.status);
  // A run that ended well in the moment when its time was up has ended well.
  if (exited && WEXITSTATUS(ending.status) == 0 && ending.result) return {};
  if (!ending.failure.empty()) return {ending.failure, ending.message};
  if (ending.over_time) return {failure::kTimeout, "still running after its limit of " + duration(ending.time_limit_s)};
  if (ending.over_memory) {
    return {failure::kOutOfMemory, "its processes held " + megabytes(ending.peak_memory_kb / 1024) + "; the limit is " +
                                       megabytes(ending.memory_mb)};
  }
  if (WIFSIGNALED(ending.status)) return verdict_of_signal(WTERMSIG(ending.status), ending);
  return {failure::kExit, "ended by exit(" + std::to_string(WEXITSTATUS(ending.status)) + ") before it gave a result" +
                              (ending.last_line.empty() ? "" : "; last printed: " + ending.last_line)};
}

}  // namespace assay
