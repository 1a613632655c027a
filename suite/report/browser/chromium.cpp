#include "report/browser/chromium.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/errors.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr int kAnswerWithinMs = 60000;  // the first start on a cold, loaded machine takes some seconds

std::string find_program() {
  const char* path = std::getenv("PATH");
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
    std::string folders = path ? path : "";
    for (std::size_t begin = 0; begin <= folders.size();) {
      const auto end = std::min(folders.find(':', begin), folders.size());
      const fs::path program = fs::path(folders.substr(begin, end - begin)) / name;
      if (access(program.c_str(), X_OK) == 0) return program.string();
      begin = end + 1;
    }
  }
  throw MachineError(
      {"no Chromium", "PATH", "chromium, to test the pages in a browser", "none", "apt-get install chromium"});
}

// Chromium reads commands from descriptor 3 and writes answers to 4.
[[noreturn]] void become_chromium(const std::string& program, const std::string& profile, int commands, int answers) {
  setpgid(0, 0);
  const int quiet = open("/dev/null", O_RDWR);
  const int in = fcntl(commands, F_DUPFD, 10), out = fcntl(answers, F_DUPFD, 10);
  dup2(in, 3), dup2(out, 4);
  dup2(quiet, 0), dup2(quiet, 1), dup2(quiet, 2);
  close(in), close(out);
  const std::string folder = "--user-data-dir=" + profile;
  std::vector<const char*> arguments{program.c_str(),
                                     "--headless",
                                     "--no-sandbox",
                                     "--disable-gpu",
                                     "--no-first-run",
                                     "--disable-background-networking",
                                     "--disable-component-update",
                                     "--disable-sync",
                                     "--disable-dev-shm-usage",
                                     "--disable-extensions",
                                     "--remote-debugging-pipe",
                                     folder.c_str(),
                                     "about:blank",
                                     nullptr};
  execv(program.c_str(), const_cast<char* const*>(arguments.data()));
  _exit(127);
}

std::string make_profile() {
  std::string pattern = (fs::temp_directory_path() / "assay-chromium-XXXXXX").string();
  if (!mkdtemp(pattern.data()))
    throw MachineError({"cannot make a folder", pattern, "", std::strerror(errno), "free some space"});
  return pattern;
}

}  // namespace

Chromium::Chromium() {
  const auto program = find_program();
  profile_ = make_profile();
  signal(SIGPIPE, SIG_IGN);
  int commands[2], answers[2];
  if (pipe2(commands, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) {
    throw MachineError({"no pipe", "", "", std::strerror(errno), "close some files"});
  }
  process_ = fork();
  if (process_ == 0) become_chromium(program, profile_.string(), commands[0], answers[1]);
  close(commands[0]), close(answers[1]);
  to_ = commands[1], from_ = answers[0];
  const auto target = call("Target.createTarget", {{"url", "about:blank"}});
  const auto attached = call("Target.attachToTarget", {{"targetId", target["targetId"]}, {"flatten", true}});
  session_ = attached["sessionId"].get<std::string>();
  for (const char* domain : {"Page", "Runtime", "Log", "Network"})
    call(std::string(domain) + ".enable", Json::object());
}

Chromium::~Chromium() {
  close(to_), close(from_);
  kill(-process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  std::error_code ignored;
  fs::remove_all(profile_, ignored);
}

Json Chromium::read_message() {
  for (;;) {
    if (const auto end = buffer_.find('\0'); end != std::string::npos) {
      const auto message = Json::parse(buffer_.substr(0, end));
      buffer_.erase(0, end + 1);
      return message;
    }
    pollfd waiting{from_, POLLIN, 0};
    const int ready = poll(&waiting, 1, kAnswerWithinMs);
    if (ready < 0 && errno == EINTR) continue;
    char chunk[65536];
    const auto got = ready > 0 ? read(from_, chunk, sizeof chunk) : 0;
    if (got <= 0) {
      throw MachineError({"Chromium does not answer", "DevTools pipe", "an answer within a minute",
                          ready > 0 ? "it has ended" : "silence",
                          "run chromium --headless --no-sandbox about:blank by hand"});
    }
    buffer_.append(chunk, static_cast<std::size_t>(got));
  }
}

Json Chromium::call(const std::string& method, const Json& parameters) {
  const int id = next_id_++;
  Json command{{"id", id}, {"method", method}, {"params", parameters}};
  if (!session_.empty()) command["sessionId"] = session_;
  const auto text = command.dump() + '\0';
  for (std::size_t sent = 0; sent < text.size();) {
    const auto wrote = write(to_, text.data() + sent, text.size() - sent);
    if (wrote <= 0) throw MachineError({"Chromium does not listen", "DevTools pipe", "", std::strerror(errno), ""});
    sent += static_cast<std::size_t>(wrote);
  }
  for (;;) {
    const auto message = read_message();
    if (message.value("id", 0) != id) {
      note(message);
      continue;
    }
    if (message.contains("error")) throw MachineError({"DevTools error", method, "", message["error"].dump(), ""});
    return message.value("result", Json::object());
  }
}

void Chromium::note(const Json& event) {
  const auto method = event.value("method", "");
  const auto body = event.value("params", Json::object());
  if (method == "Page.loadEventFired") loaded_ = true;
  if (method == "Network.requestWillBeSent") requests_.push_back(body["request"]["url"].get<std::string>());
  if (method == "Network.loadingFailed" || method == "Runtime.exceptionThrown") complaints_.push_back(body.dump());
  if (method == "Runtime.consoleAPICalled" && body["type"] == "error") complaints_.push_back(body.dump());
  if (method == "Log.entryAdded" && body["entry"]["level"] == "error") complaints_.push_back(body.dump());
}

void Chromium::open(const fs::path& page, int width, bool dark, bool scripts) {
  call("Emulation.setDeviceMetricsOverride",
       {{"width", width}, {"height", 900}, {"deviceScaleFactor", 1}, {"mobile", width < 500}});
  call("Emulation.setEmulatedMedia",
       {{"features", {{{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}}}}});
  call("Emulation.setScriptExecutionDisabled", {{"value", !scripts}});
  complaints_.clear();
  requests_.clear();
  loaded_ = false;
  call("Page.navigate", {{"url", "file://" + page.string()}});
  while (!loaded_) note(read_message());
}

Json Chromium::evaluate(const std::string& script) {
  const auto answer = call("Runtime.evaluate", {{"expression", script}, {"returnByValue", true}});
  if (answer.contains("exceptionDetails"))
    throw MachineError({"script failed", script, "", answer["exceptionDetails"].dump(), ""});
  return answer["result"].value("value", Json());
}

void Chromium::press(const std::string& key, int code) {
  for (const char* type : {"keyDown", "keyUp"}) {
    Json event{{"type", type}, {"key", key}, {"windowsVirtualKeyCode", code}};
    if (key == "Enter" && std::strcmp(type, "keyDown") == 0) event["text"] = "\r";
    call("Input.dispatchKeyEvent", event);
  }
}

}  // namespace assay
