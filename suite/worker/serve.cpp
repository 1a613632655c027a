#include "worker/serve.hpp"

#include <signal.h>
#include <torch/version.h>
#include <unistd.h>

#include "core/errors.hpp"
#include "engine/messages.hpp"
#include "engine/processes.hpp"
#include "worker/cuda.hpp"
#include "worker/describe.hpp"
#include "worker/supervise.hpp"

namespace assay {

namespace {

std::vector<BuiltMethod> built_methods(const Json& description) {
  std::vector<BuiltMethod> methods;
  for (const auto& method : description.at("methods")) {
    methods.push_back({method.at("task"), method.at("id"), method.at("source"), method.at("code")});
  }
  return methods;
}

void send(const std::string& line) {
  if (write_whole(STDOUT_FILENO, line + "\n")) return;
  end_children({}, [](pid_t, int, const rusage&) {});  // bench is gone: nobody waits for the run
  _exit(0);
}

}  // namespace

int serve() {
  signal(SIGPIPE, SIG_IGN);
  become_subreaper();
  send(Json{
      {"hello", {{"pid", getpid()}, {"libtorch", TORCH_VERSION}, {"code", digest_of_code(built_methods(describe()))}}}}
           .dump());
  LineBuffer input;
  std::string line;
  for (;;) {
    while (input.next(line)) {
      const auto request = RunRequest::from_json(parse_json(line, "run request"));
      if (request.job.value("device", "cpu") != "cpu") load_cuda();
      if (!supervise(request, STDIN_FILENO, send)) return 0;
    }
    if (!read_some(STDIN_FILENO, input.bytes())) return 0;
  }
}

}  // namespace assay
