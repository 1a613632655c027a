#include "crack-width/scorer.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "core/errors.hpp"
#include "crack-width/exhibit.hpp"
#include "crack-width/tests/synthetic.hpp"

namespace assay::crack_width {
namespace {

// Errors +1, -2, +4 of widths 4, 8, 10, and one point without a value.
TEST(CrackWidthFigures, AreThoseWorkedOutByHand) {
  const std::vector<Pair> pairs{{4, 5.0}, {8, 6.0}, {10, 14.0}, {5, std::nullopt}};
  const auto figures = figures_of(pairs);
  EXPECT_DOUBLE_EQ(figures.mae, 7.0 / 3);
  EXPECT_DOUBLE_EQ(figures.bias, 1);
  EXPECT_DOUBLE_EQ(figures.rmse, std::sqrt(7.0));
  EXPECT_DOUBLE_EQ(figures.relative_error, (0.25 + 0.25 + 0.4) / 3);
  EXPECT_DOUBLE_EQ(figures.p95, 4);
  EXPECT_DOUBLE_EQ(figures.failure_rate, 0.25);  // 4 is not above half of 10; the missing one fails
}

TEST(CrackWidthFigures, FailureBeginsAboveThreePixelsOrHalfTheWidth) {
  const auto failures = [](double truth, double found) {
    const std::vector<Pair> one{{truth, found}};
    return figures_of(one).failure_rate;
  };
  EXPECT_EQ(failures(4, 7), 0);
  EXPECT_EQ(failures(4, 7.01), 1);
  EXPECT_EQ(failures(10, 5), 0);
  EXPECT_EQ(failures(10, 4.99), 1);
}

// Nearest rank: of 20 errors the 19th, of 21 the 20th.
TEST(CrackWidthFigures, ThePercentileIsAnErrorThatOccurs) {
  std::vector<Pair> pairs;
  for (int e = 1; e <= 20; ++e) pairs.push_back({100, 100.0 + e});
  EXPECT_DOUBLE_EQ(figures_of(pairs).p95, 19);
  pairs.push_back({100, 121.0});
  EXPECT_DOUBLE_EQ(figures_of(pairs).p95, 20);
}

TEST(CrackWidthFigures, AreUndefinedWithoutAValue) {
  const std::vector<Pair> none{{4, std::nullopt}};
  EXPECT_TRUE(std::isnan(figures_of(none).mae));
  EXPECT_TRUE(std::isnan(figures_of(none).p95));
  EXPECT_EQ(figures_of(none).failure_rate, 1);
  EXPECT_TRUE(std::isnan(figures_of({}).failure_rate));
}

TEST(CrackWidthRun, ReportsEveryMetricWithinItsBounds) {
  auto memory = synthetic::run(synthetic::job("width-dt"));
  for (const auto& metric : learn::project_catalog().task("crack-width")->metrics) {
    ASSERT_TRUE(memory.metrics.count(metric.name)) << metric.name;
    const double value = memory.metrics[metric.name];
    EXPECT_GE(value, metric.low.value_or(value)) << metric.name;
    EXPECT_LE(value, metric.high.value_or(value)) << metric.name;
  }
  EXPECT_EQ(memory.metrics.size(), learn::project_catalog().task("crack-width")->metrics.size());
  EXPECT_EQ(memory.epochs.size(), 3u);  // one a scene
}

TEST(CrackWidthRun, LeavesOutWhatNoPointOfAKindCanTell) {
  auto scenes = synthetic::scenes();
  for (auto& scene : scenes) std::erase_if(scene.points, [](const auto& point) { return point.irregular; });
  learn::MemoryReporter memory;
  run_on(scenes, synthetic::calibration, synthetic::job("width-dt"), memory);
  EXPECT_TRUE(memory.metrics.count("mae_regular"));
  EXPECT_FALSE(memory.metrics.count("mae_irregular"));
  EXPECT_FALSE(memory.metrics.count("microseconds_per_measurement_irregular"));
}

TEST(CrackWidthRun, StoresWidthsAndWhatEachSceneContributes) {
  const auto scenes = synthetic::scenes();
  auto memory = synthetic::run(synthetic::job("width-dt"));
  std::size_t points = 0;
  for (const auto& scene : scenes) points += scene.points.size();
  EXPECT_EQ(memory.floats("widths").size(), points);
  const auto contributions = memory.floats("contribution:mae");
  ASSERT_EQ(contributions.size(), scenes.size());
  const double mean = std::accumulate(contributions.begin(), contributions.end(), 0.0) / 3;
  EXPECT_NEAR(mean, memory.metrics["mae"], 1e-6);
}

// Pseudo-values of equally large scenes are the scenes' own errors.
TEST(CrackWidthRun, LeavesOneSceneOut) {
  Scene scene;
  scene.mask = synthetic::strip(4);
  scene.points = {{40, 21, 5, 0, false}, {50, 21, 5, 0, false}};
  const auto answered = [](double a, double b) {
    return Measured{.answers = {Measurement{.width = a}, Measurement{.width = b}}};
  };
  const std::vector<Scene> scenes{scene, scene, scene};
  std::vector<Measured> measured{answered(5, 6), answered(7, 7), answered(8, 9)};
  EXPECT_DOUBLE_EQ(mae_without(scenes, measured, 0), (2 + 2 + 3 + 4) / 4.0);
  EXPECT_DOUBLE_EQ(mae_without(scenes, measured, 2), (0 + 1 + 2 + 2) / 4.0);
  measured[1].answers = measured[2].answers = {std::nullopt, std::nullopt};
  EXPECT_DOUBLE_EQ(mae_without(scenes, measured, 0), 0.5);  // nobody else has a value
}

TEST(CrackWidthRun, APointWithoutAValueIsStoredAsMinusOne) {
  Scene scene;
  scene.mask = Mask(128, 128, 0);
  for (std::int64_t y = 60; y < 62; ++y) {
    for (std::int64_t x = 60; x < 62; ++x) scene.mask(y, x) = 1;  // the thinning leaves nothing of it
  }
  scene.points = {{60, 60, 2, 0, false}};
  const auto wavy = synthetic::wavy(6, 5, false);
  learn::MemoryReporter memory;
  run_on({scene, wavy}, synthetic::calibration, synthetic::job("width-dt"), memory);
  EXPECT_EQ(memory.floats("widths").front(), -1);
  EXPECT_DOUBLE_EQ(memory.metrics["failure_rate"], 1.0 / static_cast<double>(wavy.points.size() + 1));
  EXPECT_EQ(memory.notes["stages"].at("no value"), 1);
}

TEST(CrackWidthRun, ShowsTheSamePointsForEveryMethod) {
  const auto shared = [](const std::string& method) {
    auto memory = synthetic::run(synthetic::job(method));
    Json list = Json::array();
    bool irregular = false;
    for (const auto& example : memory.examples_shown) {
      list.push_back({example.at("id"), example.at("shared")});
      irregular |= example.at("shared")[1].at("caption").get<std::string>().ends_with("irregular");
    }
    EXPECT_EQ(list.size(), 3u);  // one a scene, at most four
    EXPECT_TRUE(irregular);
    for (const auto& [name, bytes] : memory.pictures) EXPECT_LT(bytes.size(), 2000u) << name;
    return list;
  };
  const auto first = shared("width-dt");
  EXPECT_EQ(shared("constant"), first);
  EXPECT_EQ(shared("cascaded-pca"), first);
}

TEST(CrackWidthRun, ShowsPicturesForTheFirstSeedWhereTheyAreAllowed) {
  auto other = synthetic::job("width-dt"), forbidden = other;
  other.seed = 1;
  forbidden.pictures_allowed = false;
  EXPECT_TRUE(synthetic::run(other).examples_shown.is_null());
  EXPECT_TRUE(synthetic::run(forbidden).examples_shown.is_null());
}

TEST(CrackWidthRun, TheHeadingIsForThoseWhoseCardListsIt) {
  auto job = synthetic::job("oracle-direction");
  EXPECT_NO_THROW(synthetic::run(job));
  job.privileged.clear();
  EXPECT_THROW(synthetic::run(job), DeclarationError);
}

TEST(CrackWidthRun, RefusesUnknownSettingsAndMethods) {
  auto job = synthetic::job("width-dt");
  job.setting_parameters["edges"] = "torn";
  learn::MemoryReporter memory;
  EXPECT_THROW(run(job, memory), DeclarationError);
  EXPECT_THROW(Methods<Method>::make("no-such", Json::object()), DeclarationError);
  EXPECT_THROW(Methods<Method>::make("width-dt", {{"delta", 0.0}, {"gamma", 1.0}}), DeclarationError);
}

}  // namespace
}  // namespace assay::crack_width
