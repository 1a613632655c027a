// Tiny jobs of the task on a tiny data set: whole runs in a fraction of a second, without files.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "learn/tests/memory_reporter.hpp"
#include "multi-label-kd/run.hpp"
#include "multi-label-kd/tests/stripes.hpp"

namespace assay::multi_label_kd::synthetic {

using multi_label::synthetic::stripes;

// 48 training and 24 test images.
inline const multi_label::LabelledData& data() {
  static const auto made = multi_label::synthetic::striped_data(48, 24);
  return made;
}

// A cache of artefacts for the life of the test program.
inline const std::filesystem::path& artefacts() {
  struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("assay-multi-label-kd-" + std::to_string(getpid()));
    ~Folder() { std::filesystem::remove_all(path); }
  };
  static const Folder folder;
  return folder.path;
}

// Two epochs of six steps with eight images.
inline Job job(const std::string& method, const Json& parameters = Json::object()) {
  auto job = learn::job_with_card("multi-label-kd", method, parameters);
  job.dataset = "stripes";
  job.setting_parameters = {{"teacher", "scenes-teacher"},
                            {"student", "scenes-student"},
                            {"views", "mirror"},
                            {"empty_class_ap", "skip"},
                            {"empty_precision", "zero"}};
  job.budget = {{"train", 48},
                {"test", 24},
                {"epochs", 2},
                {"teacher_epochs", 2},
                {"teacher_stop", 2},
                {"batch", 8},
                {"learning_rate", 0.004},
                {"weight_decay", 0.0},
                {"cycle_momentum", false}};
  job.artefacts = artefacts();
  job.provenance = "test";
  return job;
}

inline learn::MemoryReporter run(const Job& job) {
  learn::MemoryReporter memory;
  run_on(data(), job, memory);
  return memory;
}

}  // namespace assay::multi_label_kd::synthetic
