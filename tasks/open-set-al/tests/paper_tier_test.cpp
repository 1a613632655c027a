// The paper tier, started: its settings as declared, with their networks and schedules, on a few synthetic colour images
// and for one epoch.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "learn/determinism.hpp"
#include "learn/tests/memory_reporter.hpp"
#include "open-set-al/run.hpp"

namespace assay::open_set_al {
namespace {

// Ten or more classes of 3x32x32 images: noise around a colour of their own.
class Colours {
 public:
  explicit Colours(std::int64_t classes) {
    fill(train_pixels_, train_labels_, classes, 12, Stream(1));
    fill(test_pixels_, test_labels_, classes, 2, Stream(2));
    images.train = {12 * classes, 3, 32, 32, train_pixels_, train_labels_};
    images.test = {2 * classes, 3, 32, 32, test_pixels_, test_labels_};
    for (std::int64_t c = 0; c < classes; ++c) images.class_names.push_back(std::to_string(c));
  }
  Colours(const Colours&) = delete;

  Images images;

 private:
  static void fill(std::vector<std::uint8_t>& pixels, std::vector<std::uint8_t>& labels, std::int64_t classes,
                   std::int64_t per_class, Stream stream) {
    for (std::int64_t i = 0; i < classes * per_class; ++i) {
      const auto label = i % classes;
      labels.push_back(static_cast<std::uint8_t>(label));
      for (std::int64_t p = 0; p < 3 * 1024; ++p) {
        const auto colour = (label * (p / 1024 + 3) * 37) % 180;
        pixels.push_back(static_cast<std::uint8_t>(colour + static_cast<std::int64_t>(stream.below(70))));
      }
    }
  }

  std::vector<std::uint8_t> train_pixels_, train_labels_, test_pixels_, test_labels_;
};

class PaperTier : public testing::Test {
 protected:
  PaperTier() : folder_(std::filesystem::temp_directory_path() / ("assay-paper-tier-" + std::to_string(getpid()))) {
    learn::make_deterministic();
  }
  ~PaperTier() override { std::filesystem::remove_all(folder_); }

  // The setting's budget and parameters as declared for the tier; `smaller` overrides sizes.
  learn::MemoryReporter run(const std::string& method, const std::string& setting_id, const Json& smaller) const {
    const auto& setting = *learn::project_catalog().task("open-set-al")->setting(setting_id);
    auto job = learn::job_with_card("open-set-al", method);
    for (const auto& parameter : learn::project_catalog().method("open-set-al", method)->parameters) {
      job.parameters[parameter.name] = parameter.value_for("paper");
    }
    if (method == "bual") job.parameters.update({{"negative_epochs", 1}, {"snapshots", 1}, {"unlabelled", 20}});
    job.tier = "paper";
    job.setting = setting_id;
    job.setting_parameters = setting.parameters;
    job.budget = setting.tiers.at("paper").budget;
    job.budget.update(smaller);
    job.artefacts = folder_;
    job.provenance = "test";
    job.dataset = setting.dataset;
    learn::MemoryReporter memory;
    run_on(Colours(10).images, job, memory);
    return memory;
  }

  const Json pool_{{"epochs", 1}, {"contrastive_steps", 1}, {"rounds", 1}, {"budget", 10}, {"seed_share", 0.3}};

 private:
  std::filesystem::path folder_;
};

TEST_F(PaperTier, StartsWithEaoasNetwork) {
  for (const auto* method : {"random", "eaoa", "lfosa"}) {
    const auto memory = run(method, "cifar10-k20", pool_);
    EXPECT_EQ(memory.notes.at("counts").at("asked"), 10) << method;
    EXPECT_EQ(memory.notes.at("counts").at("pool"), 120) << method;
  }
}

TEST_F(PaperTier, StartsWithE2oalsNetworkAndContrastiveFeatures) {
  const auto memory = run("e2oal", "cifar10-k30-r50", pool_);
  EXPECT_TRUE(memory.metrics.contains("accuracy_plain"));
  EXPECT_TRUE(memory.metrics.contains("accuracy_primary"));
}

TEST_F(PaperTier, StartsWithBualsNetworkAndConstantRate) {
  const auto memory = run("bual", "bual-cifar10-o60", pool_);
  EXPECT_EQ(memory.notes.at("counts").at("asked"), 10);
}

TEST_F(PaperTier, StartsTheFederation) {
  const Json smaller{{"largest_class", 12}, {"clients", 2},    {"stages", 2},           {"rounds", 1},
                     {"local_epochs", 1},   {"own_epochs", 1}, {"share_per_stage", 0.2}};
  const auto memory = run("fairfal", "cifar10-fed-a01", smaller);
  EXPECT_EQ(memory.epochs.size(), 2u);
}

}  // namespace
}  // namespace assay::open_set_al
