#include "engine/execute.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <set>
#include <thread>
#include <unordered_map>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/interrupts.hpp"
#include "engine/messages.hpp"
#include "engine/outcome.hpp"
#include "engine/queue.hpp"
#include "engine/run_locks.hpp"
#include "engine/scratch_root.hpp"
#include "engine/worker_process.hpp"

namespace assay {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetweenTicks = std::chrono::milliseconds(100);
constexpr int kMostDeaths = 3;  // of workers under one run, or in a row before they said hello

std::int64_t unix_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct Slot {
  int number = 0;
  std::unique_ptr<WorkerProcess> worker;  // started when there is something to run
  const PlannedRun* run = nullptr;        // what it is running
  std::int64_t started_ms = 0;
  Json result;
};

class Executor {
 public:
  Executor(const Plan& plan, const Catalog& catalog, const BuildInfo& build, Store& store,
           const std::filesystem::path& store_file, const ExecuteOptions& options, Progress& progress);
  ~Executor() { end_all_workers(); }
  Summary run();

 private:
  void fill_slots();
  const PlannedRun* next_run();
  bool is_done_elsewhere(const PlannedRun& run);
  void start(Slot& slot, const PlannedRun& run);
  void wait();
  void receive(Slot& slot);
  void handle(Slot& slot, const Json& message);
  void greet(Slot& slot, const Json& hello);
  void show_epoch(const Slot& slot, const Json& epoch);
  void finish(Slot& slot, Execution execution);
  void bury(Slot& slot);
  void lose_run(Slot& slot, const std::string& how);
  void interrupt();
  void end_workers_but(const std::set<pid_t>& spared);
  void end_all_workers();
  bool busy() const;
  std::set<pid_t> workers_but(const Slot* left_out) const;

  const Plan& plan_;
  const Catalog& catalog_;
  const BuildInfo& build_;
  Store& store_;
  const ExecuteOptions& options_;
  Progress& progress_;
  Interrupts interrupts_;
  RunLocks locks_;
  ScratchRoot scratch_;
  std::deque<const PlannedRun*> queue_;
  std::deque<const PlannedRun*> deferred_;  // another process is at them
  std::set<const PlannedRun*> seen_elsewhere_;
  std::vector<Slot> slots_;
  std::unordered_map<const PlannedRun*, int> deaths_;
  std::unordered_map<pid_t, int> ended_;  // exit statuses of workers that were reaped
  std::set<pid_t> older_children_;        // of this process, not started here: none of our business
  int failed_starts_ = 0;
  bool stopping_ = false;
  Clock::time_point ticked_;
  Summary summary_;
};

int slots_for(const Plan& plan, const ExecuteOptions& options, std::size_t runs) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int wanted = options.slots > 0 ? options.slots : plan.device == "cpu" ? cores : 1;
  return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(wanted), std::max<std::size_t>(1, runs)));
}

Executor::Executor(const Plan& plan, const Catalog& catalog, const BuildInfo& build, Store& store,
                   const std::filesystem::path& store_file, const ExecuteOptions& options, Progress& progress)
    : plan_(plan),
      catalog_(catalog),
      build_(build),
      store_(store),
      options_(options),
      progress_(progress),
      locks_(store_file) {
  const auto runs = runs_to_start(plan, options);
  queue_.assign(runs.begin(), runs.end());
  for (const pid_t child : children_of(getpid())) older_children_.insert(child);
  become_subreaper();
  slots_.resize(static_cast<std::size_t>(slots_for(plan, options, runs.size())));
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].number = static_cast<int>(i);
}

Summary Executor::run() {
  const auto began = Clock::now();
  summary_.unavailable = plan_.count(CellState::kUnavailable);
  summary_.cached = options_.force ? 0 : plan_.count(CellState::kCached);
  progress_.start(plan_, queue_.size(), static_cast<int>(slots_.size()));
  for (;;) {
    if (!stopping_) fill_slots();
    const bool left = !stopping_ && !(queue_.empty() && deferred_.empty());
    if (!busy() && !left) break;
    wait();
  }
  summary_.not_started = queue_.size() + deferred_.size();
  summary_.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  progress_.end();
  return summary_;
}

bool Executor::busy() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.run != nullptr; });
}

void Executor::fill_slots() {
  // What was deferred is looked at again once there is nothing else: wait() lets a tick pass in between.
  if (queue_.empty()) queue_.swap(deferred_);
  for (auto& slot : slots_) {
    if (slot.run != nullptr || stopping_) continue;
    const auto* run = next_run();
    if (run == nullptr) return;
    start(slot, *run);
  }
}

// The next run that this process holds the lock of and that still is to be done.
const PlannedRun* Executor::next_run() {
  while (!queue_.empty()) {
    const auto* run = queue_.front();
    queue_.pop_front();
    if (!locks_.take(run->key)) {
      deferred_.push_back(run);
      seen_elsewhere_.insert(run);
    } else if (is_done_elsewhere(*run)) {
      locks_.release(run->key);
      ++summary_.elsewhere;
    } else {
      return run;
    }
  }
  return nullptr;
}

// Whether another process has executed the run since the plan was made. A failure counts only where that process was
// seen at it: older ones are those that the plan wants to run again.
bool Executor::is_done_elsewhere(const PlannedRun& run) {
  if (options_.force) return false;
  if (store_.has_ok(run.key, plan_.environment.id)) return true;
  return seen_elsewhere_.contains(&run) && store_.states(plan_.environment.id).contains(run.key);
}

void Executor::start(Slot& slot, const PlannedRun& run) {
  slot.run = &run;
  slot.result = nullptr;
  slot.started_ms = unix_milliseconds();
  progress_.started(slot.number, run);
  Json job;
  try {
    job = job_of(run, catalog_, plan_.device);
  } catch (const DataError& error) {  // a data file has gone since the plan was made
    auto execution = execution_of(run, plan_.environment, slot.started_ms);
    execution.failure = failure::kData;
    execution.message = error.what();
    return finish(slot, std::move(execution));
  }
  if (!slot.worker) slot.worker = std::make_unique<WorkerProcess>(build_.worker, plan_.isa, scratch_.folder());
  const Json request{{"run", &run - plan_.runs.data()},
                     {"job", job},
                     {"time_limit_s", run.time_limit_s},
                     {"memory_mb", run.memory_mb}};
  slot.worker->send(request.dump());  // if it has just died, its closed output says so
}

void Executor::wait() {
  std::vector<pollfd> watched{{interrupts_.descriptor(), POLLIN}};
  std::vector<Slot*> owners{nullptr};
  for (auto& slot : slots_) {
    if (!slot.worker) continue;
    watched.push_back({slot.worker->output(), POLLIN});
    watched.push_back({slot.worker->errors(), POLLIN});
    owners.insert(owners.end(), 2, &slot);
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(ticked_ + kBetweenTicks - Clock::now()).count();
  poll(watched.data(), watched.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, kBetweenTicks.count())));
  for (std::size_t i = 1; i < watched.size(); i += 2) {
    if (watched[i + 1].revents) owners[i]->worker->receive_errors();
    if (watched[i].revents) receive(*owners[i]);
  }
  if (watched[0].revents && !summary_.interrupted) interrupt();
  if (Clock::now() - ticked_ < kBetweenTicks) return;
  ticked_ = Clock::now();
  progress_.tick();
}

void Executor::receive(Slot& slot) {
  const bool alive = slot.worker->receive();
  std::string line;
  while (slot.worker->next_line(line)) handle(slot, Json::parse(line));
  if (!alive) bury(slot);
}

void Executor::handle(Slot& slot, const Json& message) {
  if (message.contains("hello")) return greet(slot, message.at("hello"));
  if (slot.run == nullptr || message.at("run") != &*slot.run - plan_.runs.data()) return;
  if (message.contains("epoch")) return show_epoch(slot, message.at("epoch"));
  if (message.contains("result")) slot.result = message.at("result");
  if (message.contains("done")) {
    auto execution = execution_of(*slot.run, plan_.environment, slot.started_ms);
    add_answer(message.at("done"), slot.result, *slot.run->task, execution);
    finish(slot, std::move(execution));
  }
}

void Executor::greet(Slot& slot, const Json& hello) {
  if (hello.at("code") != digest_of_code(build_.methods)) {
    throw MachineError({"the worker is not the one that was planned with", build_.worker.string(), "one build",
                        "a worker that was rebuilt meanwhile", "run the command again"});
  }
  slot.worker->greeted = true;
  failed_starts_ = 0;
}

void Executor::show_epoch(const Slot& slot, const Json& epoch) {
  const auto& values = epoch.at("values");
  const auto ranking = values.find(slot.run->task->ranking().name);
  const bool known = ranking != values.end() && ranking->is_number();
  progress_.epoch(slot.number, *slot.run, epoch.at("epoch"), epoch.at("of"),
                  known ? ranking->get<double>() : std::numeric_limits<double>::quiet_NaN());
}

// One execution, one transaction: after it, the run is done whatever happens to this process.
void Executor::finish(Slot& slot, Execution execution) {
  RunOutcome outcome{slot.run, std::move(execution), true};
  outcome.stored = store_.record(outcome.execution, build_.code(slot.run->code), plan_.environment, options_.force);
  locks_.release(slot.run->key);
  slot.run = nullptr;
  slot.result = nullptr;
  const bool ok = outcome.execution.failure.empty();
  ++(!outcome.stored ? summary_.elsewhere : ok ? summary_.ok : summary_.failed);
  if (!ok && options_.fail_fast) stopping_ = true;
  progress_.finished(slot.number, outcome);
}

std::set<pid_t> Executor::workers_but(const Slot* left_out) const {
  std::set<pid_t> pids;
  for (const auto& slot : slots_) {
    if (slot.worker && &slot != left_out) pids.insert(slot.worker->pid());
  }
  return pids;
}

void Executor::end_workers_but(const std::set<pid_t>& spared) {
  std::set<pid_t> all = older_children_;
  all.insert(spared.begin(), spared.end());
  end_children(all, [this](pid_t process, int status, const rusage&) { ended_[process] = status; });
}

void Executor::end_all_workers() {
  end_workers_but({});
  for (auto& slot : slots_) slot.worker.reset();
}

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? "was killed by signal " + std::to_string(WTERMSIG(status))
                             : "ended with status " + std::to_string(WEXITSTATUS(status));
}

// The worker itself has died, not a child of it. What it left behind goes with it; its run is tried again.
void Executor::bury(Slot& slot) {
  slot.worker->receive_errors();
  const auto worker = std::move(slot.worker);
  end_workers_but(workers_but(&slot));
  const int status = ended_[worker->pid()];
  const auto how = "worker " + std::to_string(worker->pid()) + " " + how_it_ended(status) + ": " + worker->last_words();
  const bool machine = WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(ExitCode::kMachine);
  if (machine || (!worker->greeted && ++failed_starts_ >= kMostDeaths)) {
    throw MachineError({"no worker", build_.worker.string(), "a worker that runs", how, ""});
  }
  if (slot.run != nullptr) lose_run(slot, how);
}

void Executor::lose_run(Slot& slot, const std::string& how) {
  if (++deaths_[slot.run] < kMostDeaths) {
    progress_.note(how + "; its run is tried again");
    queue_.push_front(slot.run);  // its lock stays ours
    slot.run = nullptr;
    return;
  }
  auto execution = execution_of(*slot.run, plan_.environment, slot.started_ms);
  execution.failure = failure::kWorkerLost;
  execution.message = how;
  finish(slot, std::move(execution));
}

// Kills what runs; what had finished by then has said so, and is stored.
void Executor::interrupt() {
  summary_.interrupted = stopping_ = true;
  interrupts_.let_through();
  end_workers_but({});
  for (auto& slot : slots_) {
    if (!slot.worker) continue;
    slot.worker->receive();
    std::string line;
    while (slot.worker->next_line(line)) handle(slot, Json::parse(line));
    if (slot.run != nullptr) queue_.push_front(slot.run);
    slot.run = nullptr;
    slot.worker.reset();
  }
}

}  // namespace

Summary execute(const Plan& plan, const Catalog& catalog, const BuildInfo& build, Store& store,
                const std::filesystem::path& store_file, const ExecuteOptions& options, Progress& progress) {
  return Executor(plan, catalog, build, store, store_file, options, progress).run();
}

}  // namespace assay
