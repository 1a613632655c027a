// Tiny jobs of the task on a tiny data set: whole runs in a fraction of a second, without files.
#pragma once

#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "learn/tests/memory_reporter.hpp"
#include "ssl-multi-label/run.hpp"

namespace assay::ssl_multi_label::synthetic {

// Ten labels on 64x64 grey images: label k is a bright stripe at its place, on noise; each with probability 0.3.
inline multi_label::LabelledImages stripes(std::int64_t count, std::uint64_t seed) {
  multi_label::LabelledImages images;
  images.pixels = torch::empty({count, 1, 64, 64}, torch::kUInt8);
  images.labels = torch::zeros({count, 10});
  Stream stream(seed);
  auto* pixel = images.pixels.data_ptr<std::uint8_t>();
  auto* label = images.labels.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < 10; ++k) label[i * 10 + k] = stream.uniform() < 0.3 ? 1 : 0;
    for (std::int64_t p = 0; p < 64 * 64; ++p) {
      const auto stripe = p / 64 / 6;
      const bool bright = stripe < 10 && label[i * 10 + stripe] == 1;
      pixel[i * 64 * 64 + p] = static_cast<std::uint8_t>(stream.below(120) + (bright ? 90 : 0));
    }
    images.names.push_back(std::to_string(i));
  }
  return images;
}

// 60 training images, of which a job labels the first 15, and 24 test images.
inline const multi_label::LabelledData& data() {
  static const auto made = [] {
    multi_label::LabelledData data;
    data.train = stripes(60, 1);
    data.test = stripes(24, 2);
    for (int k = 0; k < 10; ++k) data.classes.push_back("stripe " + std::to_string(k));
    data.normalisation = {{0.3}, {0.3}};
    return data;
  }();
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
