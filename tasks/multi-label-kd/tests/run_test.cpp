// Whole runs of the task on tiny problems: what is reported, what is hidden, and that the further tiers can start.
#include "multi-label-kd/run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/errors.hpp"
#include "data/artefacts.hpp"
#include "learn/determinism.hpp"
#include "learn/tests/method_tests.hpp"
#include "multi-label-kd/exhibit.hpp"
#include "multi-label-kd/problem.hpp"
#include "multi-label-kd/protocol.hpp"
#include "multi-label-kd/tests/synthetic.hpp"

namespace assay::multi_label_kd {
namespace {

const Task& task() { return *learn::project_catalog().task("multi-label-kd"); }

TEST(MultiLabelRun, ReportsWhatTheTaskDeclares) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("mld"));
  learn::expect_declared(task().id, memory);
  ASSERT_EQ(memory.epochs.size(), 2u);
  EXPECT_EQ(memory.epochs.back().at("map"), memory.metrics.at("map"));  // the last epoch is the result
  const auto values = memory.floats("contribution:map");
  ASSERT_EQ(values.size(), 24u);
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / 24, memory.metrics.at("map"), 1e-3);
  const auto& labels = memory.notes.at("labels (percent, at 0.5)");
  ASSERT_EQ(labels.size(), 10u);
  EXPECT_EQ(labels[3]["label"], "stripe 3");
}

TEST(MultiLabelRun, AStudentAloneNeverAsksTheTeacher) {
  learn::make_deterministic();
  auto job = synthetic::job("student");
  job.seed = 5;  // another seed than 0, whose pictures show the teacher
  job.provenance = "alone";
  synthetic::run(job);
  const auto memory = synthetic::run(job);
  EXPECT_FALSE(memory.epochs.back().count("distillation_loss"));
  for (const auto& item : ArtefactCache(synthetic::artefacts()).list()) EXPECT_NE(item.recipe["provenance"], "alone");
}

TEST(MultiLabelRun, AStudentAloneTrainsTheTeacherForItsPictures) {
  learn::make_deterministic();
  auto job = synthetic::job("student");
  job.provenance = "pictures";
  EXPECT_EQ(synthetic::run(job).examples_shown[0]["shared"].size(), 2u);
}

TEST(MultiLabelRun, TheFrequenciesHaveThePositivesShareAsPrecision) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("constant"));
  const double share = synthetic::data().test.labels.mean().item<double>();
  EXPECT_NEAR(memory.metrics.at("map"), 100 * share, 1e-4);
  EXPECT_EQ(memory.metrics.at("or"), 0);  // no label is likelier than not
}

TEST(MultiLabelRun, ShowsTheSameImagesAndTeacherForAllMethods) {
  learn::make_deterministic();
  const auto one = synthetic::run(synthetic::job("student")).examples_shown;
  const auto other = synthetic::run(synthetic::job("kd")).examples_shown;
  ASSERT_EQ(one.size(), 4u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i]["id"], other[i]["id"]);
    EXPECT_EQ(one[i]["shared"], other[i]["shared"]);
    EXPECT_EQ(one[i]["shared"].size(), 2u);
  }
  EXPECT_NE(one, other);
  auto forbidden = synthetic::job("student");
  forbidden.pictures_allowed = false;
  EXPECT_TRUE(synthetic::run(forbidden).examples_shown.is_null());
  auto further = synthetic::job("student");
  further.seed = 1;
  EXPECT_TRUE(synthetic::run(further).examples_shown.is_null());
}

TEST(MultiLabelExhibit, TellsWhatIsGivenAndWhatIsMissed) {
  multi_label::LabelledImages test;
  test.pixels = torch::zeros({1, 1, 8, 8}, torch::kUInt8);
  test.labels = torch::tensor({{1.F, 1.F, 0.F}});
  test.names = {"7"};
  learn::MemoryReporter memory;
  const auto shown = multi_label::label_exhibit(test, {"bag", "coat", "shirt"}, {0}, torch::tensor({{2.F, -1.F, 0.F}}),
                                                torch::tensor({{1.F, 1.F, -1.F}}), memory);
  EXPECT_EQ(shown[0]["id"], "7");
  EXPECT_EQ(shown[0]["shared"][0]["caption"], "bag, coat");
  EXPECT_EQ(shown[0]["shared"][1]["caption"], "bag 0.73, coat 0.73");
  EXPECT_EQ(shown[0]["answer"]["caption"], "bag 0.88, shirt 0.50, coat 0.27");
  EXPECT_EQ(shown[0]["answer"]["verdict"], "wrong");
  EXPECT_EQ(memory.pictures.size(), 3u);
}

TEST(MultiLabelExhibit, ShowsImagesWithAnotherNumberOfLabelsEach) {
  const auto labels = torch::tensor({{1.F, 0.F}, {1.F, 0.F}, {1.F, 1.F}, {0.F, 0.F}, {0.F, 1.F}});
  const auto rows = multi_label::shown_rows(labels, Stream(3));
  ASSERT_EQ(rows.size(), 4u);
  std::set<std::int64_t> counts;
  for (std::size_t i = 0; i < 3; ++i) counts.insert(labels[rows[i]].sum().item<std::int64_t>());
  EXPECT_EQ(counts.size(), 3u);
  EXPECT_EQ(std::set<std::int64_t>(rows.begin(), rows.end()).size(), 4u);
}

TEST(MultiLabelProtocol, UnknownPairsCostNothing) {
  const auto z = torch::tensor({{0.F, 5.F}, {0.F, 0.F}});
  const auto y = torch::tensor({{1.F, multi_label::kUnknown}, {0.F, 1.F}});
  EXPECT_NEAR(bce(z, y).item<double>(), 3 * std::log(2) / 2, 1e-6);
}

TEST(MultiLabelProtocol, DivergenceOfLogits) {
  const auto kl = [](double a, double b) { return bkl(torch::tensor({a}), torch::tensor({b})).item<double>(); };
  EXPECT_NEAR(kl(2, 0), 0.327813, 1e-6);
  EXPECT_EQ(kl(1.5, 1.5), 0);
  EXPECT_TRUE(std::isfinite(kl(200, -200)));
  auto b = torch::tensor({0.7}, torch::requires_grad());
  bkl(torch::tensor({-1.2}), b).sum().backward();
  EXPECT_NEAR(b.grad().item<double>(), 1 / (1 + std::exp(-0.7)) - 1 / (1 + std::exp(1.2)), 1e-6);
}

TEST(MultiLabelBudget, RefusesATeacherThatOutlivesItsSchedule) {
  auto budget = synthetic::job("mld").budget;
  budget["teacher_stop"] = 3;
  EXPECT_THROW(read_budget(budget), DeclarationError);
}

// A data set in VOC2007's folders would be the reader's test: here, colour images of 64 pixels with the paper tier's
// networks, views and schedule, stopped after a step.
class MultiLabelPaperTier : public testing::TestWithParam<std::string> {};

TEST_P(MultiLabelPaperTier, Starts) {
  learn::make_deterministic();
  const auto& setting = *task().setting("voc2007-pretrained");
  ASSERT_TRUE(setting.tiers.count("paper"));
  auto job = synthetic::job(GetParam());
  for (const auto& parameter : learn::project_catalog().method(task().id, GetParam())->parameters) {
    job.parameters[parameter.name] = parameter.value_for("paper");
  }
  job.tier = "paper";
  job.setting_parameters = setting.parameters;
  job.setting_parameters.erase("pretrained");  // nobody's weights are at hand
  job.budget = setting.tiers.at("paper").budget;
  job.budget.update({{"epochs", 1}, {"teacher_epochs", 1}, {"teacher_stop", 1}, {"batch", 4}});
  multi_label::LabelledData data;
  for (auto* part : {&data.train, &data.test}) {
    *part = synthetic::stripes(4, 3);
    part->pixels = part->pixels.expand({4, 3, 64, 64}).contiguous();
  }
  data.classes = synthetic::data().classes;
  data.normalisation = {{0, 0, 0}, {1, 1, 1}};
  learn::MemoryReporter memory;
  run_on(data, job, memory);
  EXPECT_TRUE(memory.metrics.count("map"));
  EXPECT_GT(memory.epochs.back().at("task_loss"), 0);
}

INSTANTIATE_TEST_SUITE_P(Some, MultiLabelPaperTier, testing::Values("l2d", "rdd", "reviewkd"), learn::printed);

TEST(MultiLabelSetting, PretrainedTrunksNeedTheirFile) {
  auto job = synthetic::job("student");
  job.setting_parameters["pretrained"] = true;
  try {
    synthetic::run(job);
    FAIL();
  } catch (const DeclarationError& error) {
    EXPECT_NE(std::string(error.what()).find("imagenet-weights/scenes-student.pt"), std::string::npos);
  }
}

}  // namespace
}  // namespace assay::multi_label_kd
