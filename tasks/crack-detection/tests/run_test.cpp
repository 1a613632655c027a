// Whole runs of the task on tiny problems: what is reported, what is hidden, and that every tier can start.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "crack-detection/pixel_metrics.hpp"
#include "crack-detection/problem.hpp"
#include "crack-detection/protocol.hpp"
#include "crack-detection/teacher.hpp"
#include "crack-detection/tests/synthetic.hpp"
#include "learn/determinism.hpp"
#include "learn/png.hpp"
#include "learn/tests/method_tests.hpp"

namespace assay::cracks {
namespace {

const Task& task() { return *learn::project_catalog().task("crack-detection"); }

double mean(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(CrackRun, ReportsWhatTheTaskDeclares) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("unet"));
  learn::expect_declared(task().id, memory);
  ASSERT_EQ(memory.epochs.size(), 2u);
  EXPECT_EQ(memory.epochs.back().at("ods"), memory.metrics.at("ods"));  // the last snapshot is the result
}

TEST(CrackRun, ContributionsHaveTheScoreForTheirMean) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("local-threshold"));
  for (const std::string metric : {"ods", "patch_ap"}) {
    const auto values = memory.floats("contribution:" + metric);
    EXPECT_EQ(values.size(), 3u);
    EXPECT_NEAR(mean(values), memory.metrics.at(metric), 1e-6) << metric;
  }
}

TEST(CrackRun, StoredCountsGiveTheScoreAgain) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("local-threshold"));
  const auto& bytes = memory.predictions.at("counts");
  std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  std::vector<CountCurve> curves(3);
  std::size_t at = 0;
  for (auto& curve : curves) {
    for (auto& counts : curve) {
      counts = {values[at], values[at + 1], values[at + 2], values[at + 3]};
      at += 4;
    }
  }
  EXPECT_EQ(at, values.size());
  EXPECT_DOUBLE_EQ(ods(curves).f, memory.metrics.at("ods"));
  EXPECT_DOUBLE_EQ(ois(curves), memory.metrics.at("ois"));
}

TEST(CrackRun, ReferencesBoundTheScores) {
  learn::make_deterministic();
  const auto floor = synthetic::run(synthetic::job("all-background")).metrics;
  const auto ceiling = synthetic::run(synthetic::job("second-annotator")).metrics;
  EXPECT_EQ(floor.at("ods"), 0);
  EXPECT_GT(floor.at("global_accuracy"), 0.9);  // why that metric flatters
  EXPECT_GT(ceiling.at("ods"), 0.9);
  EXPECT_LT(ceiling.at("ods_tau0"), 0.9);
}

TEST(CrackRun, ShowsTheSameExamplesForAllMethods) {
  learn::make_deterministic();
  const auto one = synthetic::run(synthetic::job("otsu")).examples_shown;
  const auto other = synthetic::run(synthetic::job("canny")).examples_shown;
  ASSERT_EQ(one.size(), 3u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i]["id"], other[i]["id"]);
    EXPECT_EQ(one[i]["shared"], other[i]["shared"]);
    EXPECT_EQ(one[i]["answer"]["pictures"][1]["over"], one[i]["shared"][0]["picture"]);
  }
  auto forbidden = synthetic::job("otsu");
  forbidden.pictures_allowed = false;  // CrackForest's licence: nothing of its pictures may be passed on
  EXPECT_TRUE(synthetic::run(forbidden).examples_shown.is_null());
}

TEST(CrackBudget, IsTheTiersUnlessTheSettingSaysOtherwise) {
  const auto tier = task().setting("pavement")->tiers.at("standard").budget;
  EXPECT_EQ(read_budget(tier, Json::object()).schedule.steps, 20000);
  const auto own = read_budget(tier, {{"budget", {{"steps", 7}, {"widths", {4, 8}}}}});
  EXPECT_EQ(own.schedule.steps, 7);
  EXPECT_EQ(own.widths, (std::vector<std::int64_t>{4, 8}));
  EXPECT_EQ(own.schedule.batch, 16);
  EXPECT_THROW(read_budget(tier, {{"budget", {{"step", 7}}}}), DeclarationError);
  EXPECT_THROW(read_budget(tier, {{"budget", {{"widths", {8}}}}}), DeclarationError);
}

TEST(CrackProtocol, HidesTestMasksFromWhoeverDoesNotDeclareThem) {
  Picture picture;
  picture.test = true;
  EXPECT_THROW(Privileged(Granted(), {torch::zeros({2, 2})}).test_mask(picture), DeclarationError);
  EXPECT_EQ(Privileged(Granted({"test_masks"}), {torch::ones({2, 2})}).test_mask(picture).sum().item<float>(), 4);
}

TEST(CrackProtocol, IgnoredPixelsCostNothing) {
  const auto z = torch::tensor({0.F, 5.F});
  EXPECT_NEAR(mean_bce(z, torch::tensor({1.F, 0.5F})).item<double>(), std::log(2), 1e-6);
  EXPECT_EQ(mean_bce(z, torch::tensor({0.5F, 0.5F})).item<double>(), 0);
}

View tiny_view(const Split& split, const Job& job) {
  const auto budget = read_budget(job.budget, job.setting_parameters);
  View view;
  view.pictures = split.pictures;
  view.truth = split.truth;
  view.schedule = budget.schedule;
  view.widths = budget.widths;
  view.streams = job.streams();
  return view;
}

TEST(CrackTeacher, IsTrainedOnceAndFrozen) {
  learn::make_deterministic();
  auto job = synthetic::job("unet");
  const auto split =
      make_split(load_photographs(job, read_budget(job.budget, job.setting_parameters)).train, /*test=*/false);
  const auto view = tiny_view(split, job);
  auto first = obtain_teacher(view, job), second = obtain_teacher(view, job);
  job.provenance = "another build";
  auto anew = obtain_teacher(view, job);
  ASSERT_EQ(first->parameters().size(), anew->parameters().size());
  for (std::size_t i = 0; i < first->parameters().size(); ++i) {
    EXPECT_TRUE(torch::equal(first->parameters()[i], second->parameters()[i]));
    EXPECT_TRUE(torch::equal(first->parameters()[i], anew->parameters()[i]));  // same bits when it is trained again
    EXPECT_FALSE(first->parameters()[i].requires_grad());
  }
  EXPECT_EQ(first->forward(split.pictures[0].x).size(), 2u);  // with its auxiliary head
}

// A data set in DeepCrack's folders: grey noise with one dark line.
class CrackPaperTier : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (const std::string split : {"train", "test"}) {
      for (int i = 0; i < 2; ++i) write(split, std::to_string(i));
    }
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& split, const std::string& name) const {
    constexpr std::int64_t kHeight = 48, kWidth = 64;
    Stream noise(name.size() + split.size());
    std::vector<std::uint8_t> image, label;
    for (std::int64_t p = 0; p < kHeight * kWidth; ++p) {
      const bool crack = std::abs(p % kWidth - 30) < 2;
      image.push_back(static_cast<std::uint8_t>(noise.below(60) + (crack ? 20 : 120)));
      label.push_back(crack ? 255 : 0);
    }
    std::filesystem::create_directories(root_ / (split + "_img"));
    std::filesystem::create_directories(root_ / (split + "_lab"));
    write_file(root_ / (split + "_img") / (name + ".jpg"), learn::png(image, 1, kHeight, kWidth));
    write_file(root_ / (split + "_lab") / (name + ".png"), learn::png(label, 1, kHeight, kWidth));
  }

  std::filesystem::path root_ = synthetic::artefacts() / "deepcrack";
};

// The paper's sizes of network and batch, stopped after a step.
TEST_P(CrackPaperTier, Starts) {
  learn::make_deterministic();
  auto job = learn::job_with_card("crack-detection", GetParam());
  const auto& setting = *task().setting("deepcrack-537");
  ASSERT_TRUE(setting.tiers.count("paper"));
  for (const auto& parameter : learn::project_catalog().method("crack-detection", GetParam())->parameters) {
    job.parameters[parameter.name] = parameter.value_for("paper");
  }
  job.tier = "paper";
  job.dataset = job.reader = "deepcrack";
  job.setting_parameters = setting.parameters;
  job.budget = setting.tiers.at("paper").budget;
  job.budget.update({{"steps", 1}, {"checkpoints", 1}});
  for (const std::string folder : {"train_img/", "train_lab/", "test_img/", "test_lab/"}) {
    job.files.push_back({folder, "sha", root_ / folder});
  }
  job.artefacts = synthetic::artefacts();
  job.provenance = "test";
  const auto memory = synthetic::run(job);
  EXPECT_TRUE(memory.metrics.count("ods"));
  EXPECT_GT(memory.epochs.back().at("train_loss"), 0);
}

INSTANTIATE_TEST_SUITE_P(Some, CrackPaperTier, testing::Values("unet", "context-flow", "rdd"), learn::printed);

}  // namespace
}  // namespace assay::cracks
