// Tiny jobs of the task on a tiny data set: whole runs in a fraction of a second, without files.
#pragma once

#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "learn/tests/memory_reporter.hpp"
#include "multi-label-kd/run.hpp"

namespace assay::multi_label_kd::synthetic {

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

// 48 training and 24 test images.
inline const multi_label::LabelledData& data() {
  static const auto made = [] {
    multi_label::LabelledData data;
    data.train = stripes(48, 1);
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
