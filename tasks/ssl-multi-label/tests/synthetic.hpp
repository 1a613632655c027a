// Tiny jobs of the task on a tiny data set: whole runs in a fraction of a second, without files.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "learn/tests/memory_reporter.hpp"
#include "multi-label-kd/tests/stripes.hpp"
#include "ssl-multi-label/run.hpp"

namespace assay::ssl_multi_label::synthetic {

using multi_label::synthetic::stripes;

// 60 training images, of which a job labels the first 15, and 24 test images.
inline const multi_label::LabelledData& data() {
  static const auto made = multi_label::synthetic::striped_data(60, 24);
  return made;
}

// A cache of artefacts for the life of the test program.
inline const std::filesystem::path& artefacts() {
  struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("assay-ssl-multi-label-" + std::to_string(getpid()));
    ~Folder() { std::filesystem::remove_all(path); }
  };
  static const Folder folder;
  return folder.path;
}

// A warm-up of six steps, then two epochs of four steps of 4 + 8 rows.
inline Job job(const std::string& method, const Json& parameters = Json::object()) {
  auto job = learn::job_with_card("ssl-multi-label", method, parameters);
  job.dataset = "stripes";
  job.setting_parameters = {
      {"labelled_share", 0.25}, {"labelled_rows", "first"}, {"empty_class_ap", "skip"}, {"empty_precision", "zero"}};
  job.budget = {{"train", 60},
                {"test", 24},
                {"warm_epochs", 2},
                {"warm_batch", 5},
                {"epochs", 2},
                {"steps", 4},
                {"labelled", 4},
                {"unlabelled", 8},
                {"average", 0.9},
                {"learning_rate", 0.004},
                {"base", "bce"},
                {"weight_decay", 0.0001},
                {"anneal", "full"},
                {"lu_reduction", "mean"},
                {"network", "scenes-student"}};
  job.artefacts = artefacts();
  job.provenance = "test";
  return job;
}

inline learn::MemoryReporter run(const Job& job, const multi_label::LabelledData& data = synthetic::data()) {
  learn::MemoryReporter memory;
  run_on(data, job, memory);
  return memory;
}

}  // namespace assay::ssl_multi_label::synthetic
