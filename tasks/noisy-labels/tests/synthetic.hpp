// A tiny data set and jobs on it: runs of the whole task without files.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "learn/tests/memory_reporter.hpp"
#include "noisy-labels/run.hpp"

namespace assay::noisy_labels::synthetic {

// Ten classes of 28x28 images: a bright bar whose place tells the class, and noise. 40 training and 10 test images
// each.
class Bars {
 public:
  Bars() {
    fill(train_pixels_, train_labels_, 40, Stream(1));
    fill(test_pixels_, test_labels_, 10, Stream(2));
    images.train = {400, 1, 28, 28, train_pixels_, train_labels_};
    images.test = {100, 1, 28, 28, test_pixels_, test_labels_};
    for (int c = 0; c < 10; ++c) images.class_names.push_back("bar " + std::to_string(c));
    human_ = train_labels_;
    for (std::size_t i = 0; i < human_.size(); i += 3) human_[i] = static_cast<std::uint8_t>((human_[i] + 1) % 10);
    images.given_labels["worst"] = human_;
  }
  Bars(const Bars&) = delete;

  Images images;

 private:
  static void fill(std::vector<std::uint8_t>& pixels, std::vector<std::uint8_t>& labels, int per_class, Stream stream) {
    for (int i = 0; i < 10 * per_class; ++i) {
      const auto label = static_cast<std::uint8_t>(i % 10);
      labels.push_back(label);
      for (std::uint64_t p = 0; p < 784; ++p) {
        const bool bar = p / 28 / 14 == label % 2u && p % 28 / 5 == label / 2u;
        pixels.push_back(static_cast<std::uint8_t>(stream.below(100) + (bar ? 150 : 0)));
      }
    }
  }

  std::vector<std::uint8_t> train_pixels_, train_labels_, test_pixels_, test_labels_, human_;
};

inline Json corruption(const std::string& kind, double rate) { return {{"kind", kind}, {"rate", rate}}; }

// A job with the card's values; `parameters` overrides some.
inline Job job(const std::string& method, const Json& noise = corruption("symmetric", 0.4),
               const Json& parameters = Json::object()) {
  auto job = learn::job_with_card("noisy-labels", method, parameters);
  job.setting_parameters = {{"mean", {0.2860}}, {"deviation", {0.3530}}, {"shift", 2}, {"corruption", noise}};
  job.budget = {{"train", 200},     {"validation", 50},      {"test_per_class", 10},  {"epochs", 3},
                {"batch", 20},      {"learning_rate", 0.05}, {"momentum", 0.9},       {"weight_decay", 5e-4},
                {"network", "t90"}, {"sampling", "exact"},   {"augmentation", "weak"}};
  return job;
}

inline learn::MemoryReporter run(const Job& job) {
  static const Bars bars;
  learn::MemoryReporter memory;
  run_on(bars.images, job, memory);
  return memory;
}

}  // namespace assay::noisy_labels::synthetic
