// A tiny data set and jobs on it: runs of the whole task without files.
#pragma once

#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "learn/tests/memory_reporter.hpp"
#include "open-set-al/run.hpp"

namespace assay::open_set_al::synthetic {

// Ten classes of 28x28 images: a bright bar whose place tells the class, and noise. 40 training and 10 test images each.
class Bars {
 public:
  Bars() {
    fill(train_pixels_, train_labels_, 40, Stream(1));
    fill(test_pixels_, test_labels_, 10, Stream(2));
    images.train = {400, 1, 28, 28, train_pixels_, train_labels_};
    images.test = {100, 1, 28, 28, test_pixels_, test_labels_};
    for (int c = 0; c < 10; ++c) images.class_names.push_back("bar " + std::to_string(c));
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
        pixels.push_back(static_cast<std::uint8_t>(stream.below(200) + (bar ? 55 : 0)));
      }
    }
  }

  std::vector<std::uint8_t> train_pixels_, train_labels_, test_pixels_, test_labels_;
};

inline const Bars& bars() {
  static const Bars bars;
  return bars;
}

// Jobs with the card's values for the smoke tier; `parameters` overrides some. `artefacts`: a folder of the test's own.
class Jobs {
 public:
  explicit Jobs(std::string name)
      : folder_(std::filesystem::temp_directory_path() / ("assay-open-set-al-" + name + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
  }
  ~Jobs() { std::filesystem::remove_all(folder_); }
  Jobs(const Jobs&) = delete;

  Job pool(const std::string& method, const Json& parameters = Json::object()) const {
    auto job = with_card(method, parameters);
    job.setting_parameters = {
        {"protocol", "pool"}, {"mean", {0.286}}, {"deviation", {0.353}}, {"shift", 2}, {"known", {0, 3, 6}}};
    Json budget{{"per_class", 30},   {"test_per_class", 10},  {"seed_per_class", 4}, {"seed_share", 0.0},
                {"budget", 12},      {"rounds", 2},           {"final_repeats", 1},  {"network", "c5c3-64"},
                {"features", "hog"}, {"contrastive_steps", 2}};
    budget.update(schedule(12));
    job.budget = budget;
    return job;
  }

  Job federated(const std::string& method, const Json& parameters = Json::object()) const {
    auto job = with_card(method, parameters);
    job.setting_parameters = {{"protocol", "federated"}, {"mean", {0.286}}, {"deviation", {0.353}},
                              {"mirror", true},          {"alpha", 0.1},    {"long_tail", 20.0}};
    job.budget = {{"largest_class", 40},  {"clients", 3},      {"stages", 2},         {"share_per_stage", 0.1},
                  {"rounds", 4},          {"local_epochs", 3}, {"batch", 8},          {"learning_rate", 0.05},
                  {"drop_at", 0.75},      {"drop_by", 0.1},    {"momentum", 0.9},     {"weight_decay", 1e-5},
                  {"network", "c5c3-64"}, {"own_epochs", 2},   {"test_per_class", 10}};
    return job;
  }

  Job one_shot(const std::string& method, const Json& parameters = Json::object()) const {
    auto job = with_card(method, parameters);
    job.setting_parameters = {
        {"protocol", "one-shot"}, {"mean", {0.286}}, {"deviation", {0.353}}, {"shift", 2}, {"mirror", true}};
    Json budget{{"pool_per_class", 20}, {"initial", 30}, {"widths", {8, 12}},
                {"budgets", {20, 40}},  {"ridge", 1e-3}, {"test_per_class", 10}};
    budget.update(schedule(10));
    job.budget = budget;
    return job;
  }

 private:
  Job with_card(const std::string& method, const Json& parameters) const {
    auto job = learn::job_with_card("open-set-al", method, parameters);
    job.artefacts = folder_;
    job.provenance = "test";
    job.dataset = "bars";
    return job;
  }
  static Json schedule(int steps) {
    return {{"steps", steps},       {"epochs", 0},       {"batch", 16},     {"learning_rate", 0.05}, {"momentum", 0.9},
            {"weight_decay", 5e-4}, {"decay", "cosine"}, {"decay_at", 1.0}, {"decay_by", 1.0}};
  }

  std::filesystem::path folder_;
};

inline learn::MemoryReporter run(const Job& job) {
  learn::MemoryReporter memory;
  run_on(bars().images, job, memory);
  return memory;
}

}  // namespace assay::open_set_al::synthetic
