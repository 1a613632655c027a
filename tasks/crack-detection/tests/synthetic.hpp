// Tiny jobs of the task: whole runs in a fraction of a second.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <string>

#include "crack-detection/run.hpp"
#include "learn/tests/memory_reporter.hpp"

namespace assay::cracks::synthetic {

// A cache of artefacts for the life of the test program.
inline const std::filesystem::path& artefacts() {
  struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("assay-cracks-" + std::to_string(getpid()));
    ~Folder() { std::filesystem::remove_all(path); }
  };
  static const Folder folder;
  return folder.path;
}

// Six training and three test pictures of 64 x 64 pixels, six steps.
inline Job job(const std::string& method, const Json& parameters = Json::object()) {
  auto job = learn::job_with_card("crack-detection", method, parameters);
  job.dataset = job.reader = "pavement";
  job.setting_parameters = {{"train_seed", 1001}, {"test_seed", 2001}};
  job.budget = {{"train", 6},           {"test", 3},   {"side", 64},  {"steps", 6},       {"batch", 2},
                {"crop", 48},           {"patch", 16}, {"warmup", 2}, {"checkpoints", 2}, {"learning_rate", 0.004},
                {"widths", {8, 16, 32}}};
  job.artefacts = artefacts();
  job.provenance = "test";
  return job;
}

inline learn::MemoryReporter run(const Job& job) {
  learn::MemoryReporter memory;
  cracks::run(job, memory);
  return memory;
}

}  // namespace assay::cracks::synthetic
