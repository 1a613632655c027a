#include "engine/worker_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/worker_environment.hpp"

namespace assay {

namespace {

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** each = environ; *each != nullptr; ++each) variables.emplace_back(*each);
  return variables;
}

// Own process group: Ctrl-C at the terminal is for bench alone, which then ends its workers in order.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

class SpawnStreams {
 public:
  SpawnStreams(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
  }
  ~SpawnStreams() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnStreams(const SpawnStreams&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

WorkerProcess::WorkerProcess(const std::filesystem::path& program, const std::string& isa,
                             const std::filesystem::path& scratch) {
  auto input = make_pipe(), output = make_pipe(), errors = make_pipe();
  auto variables = worker_environment(own_environment(), isa, scratch.string());
  std::vector<char*> environment;
  for (auto& each : variables) environment.push_back(each.data());
  environment.push_back(nullptr);
  std::string path = program.string(), mode = "--serve";
  char* arguments[]{path.data(), mode.data(), nullptr};
  const SpawnAttributes attributes;
  const SpawnStreams streams(input.read.get(), output.write.get(), errors.write.get());
  const int failed = posix_spawn(&pid_, path.c_str(), streams.get(), attributes.get(), arguments, environment.data());
  if (failed != 0) {
    throw MachineError(
        {"cannot start the worker", path, "", std::strerror(failed), "build it again, or check ASSAY_WORKER"});
  }
  input_ = std::move(input.write);
  output_ = std::move(output.read);
  errors_ = std::move(errors.read);
  never_block(output_.get());
  never_block(errors_.get());
}

void WorkerProcess::receive_errors() {
  std::string bytes;
  if (!read_some(errors_.get(), bytes)) errors_.reset();
  printed_.add(bytes);
}

std::string WorkerProcess::last_words() const {
  const auto words = one_line(printed_.text());
  return words.empty() ? "it printed nothing" : words;
}

}  // namespace assay
