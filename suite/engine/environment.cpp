#include "engine/environment.hpp"

#include <gnu/libc-version.h>

#include <algorithm>
#include <fstream>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

// The value of the first line "key<separator>value" of a file; "" if there is none.
std::string line_value(const fs::path& file, const std::string& key, char separator) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const auto at = line.find(separator);
    if (at == std::string::npos || trim(std::string_view(line).substr(0, at)) != key) continue;
    auto value = trim(std::string_view(line).substr(at + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return "";
}

std::string gpu_model() {
  std::error_code absent;
  std::vector<std::string> models;
  for (const auto& gpu : fs::directory_iterator("/proc/driver/nvidia/gpus", absent)) {
    models.push_back(line_value(gpu.path() / "information", "Model", ':'));
  }
  std::sort(models.begin(), models.end());
  return join(models, ", ");
}

bool libtorch_has_cuda(const BuildInfo& build) {
  return fs::exists(fs::path(build.libtorch_folder) / "libtorch_cuda.so");
}

}  // namespace

std::string resolve_device(const std::string& asked, const BuildInfo& build) {
  if (asked == "auto") return fs::exists("/dev/nvidia0") && libtorch_has_cuda(build) ? "cuda" : "cpu";
  const bool numbered =
      asked.starts_with("cuda:") && asked.size() > 5 && asked.find_first_not_of("0123456789", 5) == std::string::npos;
  if (asked != "cpu" && asked != "cuda" && !numbered) {
    throw UsageError({"unknown device", "--device", "auto, cpu, cuda or cuda:N", "\"" + asked + "\"", ""});
  }
  if (asked != "cpu" && !libtorch_has_cuda(build)) {
    throw UsageError({"no CUDA in this LibTorch", "--device " + asked, "libtorch_cuda.so in " + build.libtorch_folder,
                      "none", "unpack it with ./ci/setup --cuda, or use --device cpu"});
  }
  return asked;
}

std::string device_class(const std::string& device) { return device == "cpu" ? "cpu" : "cuda"; }

Environment describe_environment(const BuildInfo& build, const std::string& device, const std::string& isa) {
  Json body = key_part(build, device, isa);
  body["cpu"] = line_value("/proc/cpuinfo", "model name", ':');
  body["os"] = line_value("/etc/os-release", "PRETTY_NAME", '=');
  body["libc"] = gnu_get_libc_version();
  if (device != "cpu") body["gpu"] = gpu_model();
  return {sha256(body.dump()).substr(0, 16), body};
}

Json key_part(const BuildInfo& build, const std::string& device, const std::string& isa) {
  return {{"compiler", build.compiler},     {"flags", build.flags}, {"libtorch", build.libtorch},
          {"device", device_class(device)}, {"isa", isa},           {"threads", 1}};
}

}  // namespace assay
