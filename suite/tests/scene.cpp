#include "tests/scene.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/files.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

std::string text_of(
    const fs::path& file) {  // "" where it cannot be read: a process of another user, or one that has ended
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void redirect(const fs::path& file, int stream) {
  const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(opened, stream);
  close(opened);
}

}  // namespace

Scene::Scene() {
  auto pattern = (fs::temp_directory_path() / "assay-test-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  mark_ = "ASSAY_SCENE=" + folder_.string();
  write_file(folder_ / "data" / "fault-data" / "fault.txt", "fault data\n");
  for (const char* part : {"tmp", "store"}) fs::create_directories(folder_ / part);
}

Scene::~Scene() {
  for (const pid_t process : processes()) kill(process, SIGKILL);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

pid_t Scene::start(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{ASSAY_BENCH, "run", "--all", "--no-report", "--db", store_file().string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t bench = fork();
  if (bench != 0) return bench;
  const auto name = std::to_string(getpid());
  redirect(folder_ / (name + ".out"), STDOUT_FILENO);
  redirect(folder_ / (name + ".err"), STDERR_FILENO);
  putenv(mark_.data());
  setenv("ASSAY_ROOT", ASSAY_FAULTS, 1);
  setenv("ASSAY_WORKER", ASSAY_FAULT_WORKER, 1);
  setenv("ASSAY_DATA", (folder_ / "data").c_str(), 1);
  setenv("ASSAY_CACHE", (folder_ / "cache").c_str(), 1);
  setenv("TMPDIR", (folder_ / "tmp").c_str(), 1);
  execv(pointers[0], pointers.data());
  _exit(127);
}

Ended Scene::finish(pid_t bench) {
  int status = 0;
  waitpid(bench, &status, 0);
  const auto name = std::to_string(bench);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(folder_ / (name + ".out")),
          text_of(folder_ / (name + ".err"))};
}

std::vector<pid_t> Scene::processes() const {
  std::vector<pid_t> found;
  for (const auto& item : fs::directory_iterator("/proc")) {
    const auto pid = std::atoi(item.path().filename().c_str());
    if (pid > 0 && text_of(item.path() / "environ").find(mark_ + '\0') != std::string::npos) found.push_back(pid);
  }
  return found;
}

}  // namespace assay
