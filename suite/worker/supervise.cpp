#include "worker/supervise.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "engine/log_tail.hpp"
#include "engine/processes.hpp"
#include "engine/verdict.hpp"
#include "worker/run_child.hpp"
#include "worker/scratch.hpp"

namespace assay {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetweenMemoryChecks = std::chrono::milliseconds(50);

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

// How often the kernel's OOM killer has struck on this machine: it leaves no other trace for an unprivileged process.
std::int64_t kernel_kills() {
  const auto text = read_file("/proc/vmstat");
  const auto at = text.find("\noom_kill ");
  return at == std::string::npos ? 0 : std::atoll(text.c_str() + at + 10);
}

class Run {
 public:
  Run(const RunRequest& request, const std::function<void(const std::string&)>& send)
      : request_(request), send_(send), kernel_kills_(kernel_kills()) {
    ending_.time_limit_s = request.time_limit_s;
    ending_.memory_mb = request.memory_mb;
    ending_.log_bytes = request.log_bytes;
    prefix_ = "{\"run\":" + std::to_string(request.run) + ",";
  }

  bool run(int input) {
    start();
    const bool wanted = watch(input);
    end();
    if (wanted) report();
    return wanted;
  }

 private:
  void start();
  bool watch(int input);
  void end();
  void report();
  void read_messages();
  void read_log();
  void check_memory();
  bool condemned() const { return ending_.over_time || ending_.over_memory || ending_.flooded; }
  Clock::time_point deadline() const;

  const RunRequest& request_;
  const std::function<void(const std::string&)>& send_;
  std::string prefix_;
  Scratch scratch_;
  pid_t child_ = -1;
  Descriptor messages_, log_, process_;
  Clock::time_point started_, memory_checked_;
  LineBuffer lines_;
  std::string result_;  // the line with the result: held back until the run has ended well
  LogTail printed_;
  Ending ending_;
  double seconds_ = 0, cpu_seconds_ = 0;
  std::int64_t kernel_kills_;
};

void Run::start() {
  auto messages = make_pipe();
  auto log = make_pipe();
  const pid_t worker = getpid();
  started_ = memory_checked_ = Clock::now();
  child_ = fork();
  if (child_ == 0) run_child(request_, {messages.write.get(), log.write.get(), worker, scratch_.folder()});
  if (child_ < 0) {
    throw MachineError(
        {"cannot fork", "bench-worker", "", std::strerror(errno), "raise the limit of processes (ulimit -u)"});
  }
  process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child_, 0)));
  messages_ = std::move(messages.read);
  log_ = std::move(log.read);
  never_block(messages_.get());
  never_block(log_.get());
  send_(prefix_ + "\"started\":{\"pid\":" + std::to_string(child_) + "}}");
}

Clock::time_point Run::deadline() const {
  return started_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(request_.time_limit_s));
}

// Until the child has ended or must be ended. False at the end of the input.
bool Run::watch(int input) {
  for (;;) {
    const auto wake = std::min(deadline(), memory_checked_ + kBetweenMemoryChecks);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(wake - Clock::now()).count();
    pollfd watched[]{{process_.get(), POLLIN}, {messages_.get(), POLLIN}, {log_.get(), POLLIN}, {input, 0}};
    poll(watched, 4, static_cast<int>(std::max<std::int64_t>(0, wait)));
    if (watched[3].revents & (POLLHUP | POLLERR)) return false;
    if (watched[1].revents) read_messages();
    if (watched[2].revents) read_log();
    if (watched[0].revents || condemned()) return true;
    const auto now = Clock::now();
    ending_.over_time = now >= deadline();
    if (now - memory_checked_ >= kBetweenMemoryChecks) check_memory();
    if (condemned()) return true;
  }
}

void Run::read_messages() {
  if (!read_some(messages_.get(), lines_.bytes())) messages_.reset();
  std::string line;
  while (lines_.next(line)) {
    if (line.starts_with(prefix_ + "\"epoch\":")) {
      send_(line);
    } else if (line.starts_with(prefix_ + "\"result\":")) {
      result_ = std::move(line);
    } else if (line.starts_with(prefix_ + "\"failed\":")) {
      const auto failed = Json::parse(line).at("failed");
      ending_.failure = failed.at("failure");
      ending_.message = failed.at("message");
    }
  }
}

void Run::read_log() {
  std::string bytes;
  if (!read_some(log_.get(), bytes)) log_.reset();
  printed_.add(bytes);
  ending_.flooded = printed_.count() > request_.log_bytes;
}

void Run::check_memory() {
  memory_checked_ = Clock::now();
  const auto processes = descendants_of(getpid());
  const auto limit = request_.memory_mb * 1024;
  auto held = memory_kb(processes, false);
  if (held > limit) held = memory_kb(processes, true);  // pages shared with LibTorch's parent count once
  ending_.peak_memory_kb = std::max(ending_.peak_memory_kb, held);
  ending_.over_memory = held > limit;
}

void Run::end() {
  end_children({}, [this](pid_t process, int status, const rusage& usage) {
    cpu_seconds_ += seconds(usage.ru_utime) + seconds(usage.ru_stime);
    if (process != child_) return;
    ending_.status = status;
    ending_.peak_memory_kb = std::max<std::int64_t>(ending_.peak_memory_kb, usage.ru_maxrss);
    seconds_ = std::chrono::duration<double>(Clock::now() - started_).count();
  });
  if (messages_.open()) read_messages();  // nobody is left to write: what the pipes still hold is all
  if (log_.open()) read_log();
}

void Run::report() {
  const auto log = printed_.text();
  const auto lines = split(trim(log), '\n');
  ending_.last_line = std::string(trim(lines.back())).substr(0, 200);
  ending_.result = !result_.empty();
  ending_.kernel_killed = kernel_kills() > kernel_kills_;
  const auto verdict = verdict_of(ending_);
  if (verdict.failure.empty()) send_(result_);
  const Json done{
      {"failure", verdict.failure}, {"message", verdict.message},  {"log_tail", log},
      {"seconds", seconds_},        {"cpu_seconds", cpu_seconds_}, {"peak_memory_kb", ending_.peak_memory_kb}};
  send_(prefix_ + "\"done\":" + done.dump(-1, ' ', false, Json::error_handler_t::replace) + "}");
}

void refuse_threads() {
  std::string status = read_file("/proc/self/status");
  const auto at = status.find("\nThreads:\t");
  if (at == std::string::npos || std::atoi(status.c_str() + at + 10) == 1) return;
  throw MachineError({"the worker has threads", "bench-worker", "one thread before a fork",
                      std::to_string(std::atoi(status.c_str() + at + 10)),
                      "report it: something that is linked starts threads"});
}

}  // namespace

RunRequest RunRequest::from_json(const Json& json) {
  StrictObject object(json, "run request", "");
  RunRequest request;
  request.run = object.integer("run");
  request.job = object.any_object("job");
  request.time_limit_s = object.real("time_limit_s");
  request.memory_mb = object.integer("memory_mb");
  request.log_bytes = static_cast<std::uint64_t>(object.maybe_integer("log_bytes").value_or(64 << 20));
  object.done();
  return request;
}

bool supervise(const RunRequest& request, int input, const std::function<void(const std::string&)>& send) {
  refuse_threads();
  return Run(request, send).run(input);
}

}  // namespace assay
