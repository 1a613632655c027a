#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>

#include "core/errors.hpp"
#include "learn/batches.hpp"
#include "learn/granted.hpp"
#include "learn/job.hpp"
#include "learn/mixture.hpp"
#include "learn/png.hpp"
#include "learn/registry.hpp"
#include "learn/scores.hpp"
#include "learn/selection.hpp"
#include "learn/training.hpp"

namespace assay::learn {
namespace {

// Worked with scikit-learn, from the same start.
TEST(Mixture, FindsTwoClearGroups) {
  const std::vector<double> values{0, .05, .10, .12, .20, .70, .80, .95, 1};
  const auto fit = fit_mixture(values);
  EXPECT_EQ(fit.iterations, 2);
  EXPECT_NEAR(fit.weight[0], .555556, 1e-6);
  EXPECT_NEAR(fit.mean[0], .094, 1e-6);
  EXPECT_NEAR(fit.mean[1], .8625, 1e-6);
  EXPECT_NEAR(fit.variance[0], .005044, 1e-6);
  EXPECT_NEAR(fit.variance[1], .014719, 1e-6);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(fit.low[i], i < 5 ? 1 : 0, 1e-6);
}

TEST(Mixture, FindsOverlappingGroups) {
  const std::vector<double> values{0, .02, .05, .08, .10, .15, .22, .30, .42, .5, .58, .66, .8, 1};
  const std::vector<double> low{.983186, .983008, .981345, .977531, .973236,
                                .950775, .836510, .373327, .006638, .000144};
  const auto fit = fit_mixture(values);
  EXPECT_EQ(fit.iterations, 3);
  EXPECT_NEAR(fit.weight[0], .517443, 1e-6);
  EXPECT_NEAR(fit.mean[0], .100663, 1e-6);
  EXPECT_NEAR(fit.mean[1], .614402, 1e-6);
  EXPECT_NEAR(fit.variance[0], .007999, 1e-6);
  EXPECT_NEAR(fit.variance[1], .050920, 1e-6);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(fit.low[i], i < low.size() ? low[i] : 0, 1e-5);
}

TEST(Mixture, DoesNotSeeShiftAndScale) {
  const std::vector<double> values{0, .1, .2, .7, 1};
  std::vector<double> moved;
  for (const double value : values) moved.push_back(8 * value - 4);
  const auto a = fit_mixture(values).low, b = fit_mixture(moved).low;
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-9);
}

TEST(CleanProbability, IsTheLowSideOfLossesAndTheHighSideOfMargins) {
  const std::vector<double> values{0, .05, .95, 1};
  EXPECT_NEAR(clean_probability(values, Clean::kSmall)[0], 1, 1e-6);
  EXPECT_NEAR(clean_probability(values, Clean::kLarge)[0], 0, 1e-6);
  EXPECT_EQ(clean_probability(std::vector<double>{2, 2}, Clean::kLarge), (std::vector<double>{1, 1}));
}

TEST(KeepRate, FallsToOneMinusTauOverTheRamp) {
  const std::vector<double> rates{1, .92, .84, .76, .68, .6, .6};
  for (std::size_t e = 0; e < rates.size(); ++e) {
    EXPECT_NEAR(keep_rate(static_cast<std::int64_t>(e), 0.4, 5), rates[e], 1e-12);
  }
}

TEST(Smallest, KeepsPositionsInOrderAndTheFirstOfEquals) {
  const auto list = [](const torch::Tensor& rows) {
    return std::vector<std::int64_t>(rows.const_data_ptr<std::int64_t>(),
                                     rows.const_data_ptr<std::int64_t>() + rows.numel());
  };
  EXPECT_EQ(list(smallest(torch::tensor({3., 1., 2., 0., 9.}), 0.6)), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(list(smallest(torch::ones({5}), 0.6)), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(list(smallest(torch::ones({5}), 0.1)), (std::vector<std::int64_t>{0}));
}

TEST(BetaDraw, HasItsMeanAndVarianceWithinFiveStandardErrors) {
  constexpr int kDraws = 20000;
  for (const double a : {1.0, 4.0}) {
    auto generator = learn::generator(1);
    double sum = 0, square = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double value = beta_draw(a, a, generator);
      sum += value;
      square += (value - 0.5) * (value - 0.5);
    }
    const double variance = 1 / (4 * (2 * a + 1));
    EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(variance / kDraws));
    EXPECT_NEAR(square / kDraws, variance, 5 * variance * std::sqrt(1.0 / kDraws));  // kurtosis of both is below 2
  }
}

TEST(CalibrationError, IsTheWeightedGapOfConfidenceAndAccuracy) {
  const auto p = torch::tensor({{0.9, 0.1}, {0.9, 0.1}, {0.4, 0.6}, {0.4, 0.6}});
  const auto y = torch::tensor({0, 1, 1, 1});  // gaps: |1 - 1.8| and |2 - 1.2| over four
  EXPECT_NEAR(calibration_error(p, y), 0.4, 1e-6);
}

TEST(RocArea, CountsTiesAsHalf) {
  const auto positive = torch::tensor({true, false, true, false});
  EXPECT_DOUBLE_EQ(roc_area(torch::tensor({.9, .1, .8, .2}), positive), 1);
  EXPECT_DOUBLE_EQ(roc_area(torch::tensor({.5, .5, .8, .8}), positive), 0.5);
  EXPECT_DOUBLE_EQ(roc_area(torch::tensor({.5, .5, .8, .2}), positive), 0.875);
  EXPECT_TRUE(std::isnan(roc_area(torch::ones({4}), torch::ones({4}, torch::kBool))));
}

TEST(Cosine, FallsFromTheLearningRateToZero) {
  EXPECT_DOUBLE_EQ(cosine(0.05, 0), 0.05);
  EXPECT_NEAR(cosine(0.05, 0.5), 0.025, 1e-15);
  EXPECT_NEAR(cosine(0.05, 1), 0, 1e-15);
}

ImageSet ramp_images() { return {torch::arange(2 * 16, torch::kUInt8).reshape({2, 1, 4, 4}), {{0.5}, {0.25}}}; }

TEST(ImageSet, NormalisesBytes) {
  EXPECT_NEAR(ramp_images().plain(0, 1)[0][0][0][1].item<float>(), (1 / 255.0 - 0.5) / 0.25, 1e-6);
}

TEST(ImageSet, WithoutShiftAWeakViewIsTheImageOrItsMirror) {
  const auto images = ramp_images();
  Stream stream(3);
  const std::vector<std::int64_t> rows(20, 1);
  const auto views = images.weak(rows, {0, true}, stream);
  const auto plain = images.plain(1, 2)[0];
  int mirrored = 0;
  for (std::int64_t i = 0; i < 20; ++i) {
    const bool same = torch::equal(views[i], plain);
    mirrored += !same;
    EXPECT_TRUE(same || torch::equal(views[i], plain.flip({2})));
  }
  EXPECT_GT(mirrored, 0);
  EXPECT_LT(mirrored, 20);
}

TEST(ImageSet, AShiftFillsWithBlack) {
  const ImageSet images(torch::full({1, 1, 4, 4}, 255, torch::kUInt8), {{0.0}, {1.0}});
  Stream stream(3);
  const std::vector<std::int64_t> rows(400, 0);
  const auto inside = images.weak(rows, {2, true}, stream).flatten(1).sum(1);
  EXPECT_EQ(inside.max().item<float>(), 16);  // not shifted
  EXPECT_EQ(inside.min().item<float>(), 4);   // by two both ways
}

TEST(Loader, DropsTheLastIncompleteBatchAndShufflesAnew) {
  const ImageSet images(torch::zeros({7, 1, 4, 4}, torch::kUInt8), {{0.0}, {1.0}});
  Loader loader(images, torch::arange(7), 3, {2, true}, Stream(1), Stream(2));
  EXPECT_EQ(loader.steps_per_epoch(), 2);
  std::vector<torch::Tensor> epochs;
  for (int e = 0; e < 2; ++e) {
    const auto a = loader.next(), b = loader.next();
    EXPECT_EQ(a.epoch, e);
    EXPECT_EQ(b.step, 2 * e + 1);
    EXPECT_TRUE(torch::equal(a.y, a.index));
    epochs.push_back(torch::cat({a.index, b.index}));
  }
  EXPECT_EQ(std::get<0>(torch::_unique2(epochs[0])).numel(), 6);
  EXPECT_FALSE(torch::equal(epochs[0], epochs[1]));
}

TEST(Png, HoldsThePixelsThatItWasGiven) {
  const std::vector<std::uint8_t> pixels{1, 2, 3, 4, 5, 6};
  const auto file = png(pixels, 1, 2, 3);
  ASSERT_EQ(file.substr(1, 3), "PNG");
  const auto begin = file.find("IDAT") + 4;
  std::vector<std::uint8_t> rows(8);
  uLongf size = rows.size();
  ASSERT_EQ(uncompress(rows.data(), &size, reinterpret_cast<const Bytef*>(file.data() + begin), file.size() - begin),
            Z_OK);
  EXPECT_EQ(rows, (std::vector<std::uint8_t>{0, 1, 2, 3, 0, 4, 5, 6}));
}

TEST(Png, HoldsOpacityWithTheColours) {  // one pixel, half opaque
  const auto file = png(std::vector<std::uint8_t>{10, 20, 30, 128}, 4, 1, 1);
  const auto begin = file.find("IDAT") + 4;
  std::vector<std::uint8_t> row(5);
  uLongf size = row.size();
  ASSERT_EQ(uncompress(row.data(), &size, reinterpret_cast<const Bytef*>(file.data() + begin), file.size() - begin),
            Z_OK);
  EXPECT_EQ(row, (std::vector<std::uint8_t>{0, 10, 20, 30, 128}));
  EXPECT_EQ(file[file.find("IHDR") + 13], 6);  // colour type: RGB and alpha
}

TEST(Job, SurvivesTheWayThroughJson) {
  Job job;
  job.task = "t", job.setting = "s", job.method = "m", job.tier = "smoke", job.dataset = "d", job.reader = "r";
  job.parameters = job.setting_parameters = job.budget = Json::object();
  job.artefacts = "/tmp/a", job.provenance = "p", job.device = "cpu", job.seed = 3;
  job.files = {{"f", "00", "/tmp/f"}};
  EXPECT_EQ(Job::from_json(job.to_json()).to_json(), job.to_json());
  auto broken = job.to_json();
  broken["sede"] = 1;
  EXPECT_THROW(Job::from_json(broken), DeclarationError);
}

TEST(Registry, RefusesAnIdTwice) {
  Registry registry;
  registry.add_method({"t", "m", "a.cpp"});
  EXPECT_THROW(registry.add_method({"t", "m", "b.cpp"}), std::logic_error);
  EXPECT_EQ(registry.task("t"), nullptr);
}

class Sorter {  // a task's interface
 public:
  using Interface = Sorter;
  static constexpr const char* kTask = "sorting";

  virtual ~Sorter() = default;
  virtual std::int64_t steps() const = 0;
};

class Bubble final : public Sorter {
 public:
  explicit Bubble(StrictObject& card) : steps_(card.integer("steps")) {}
  std::int64_t steps() const override { return steps_; }

 private:
  std::int64_t steps_;
};

TEST(Methods, AreMadeByIdFromTheirParameters) {
  const Register<Bubble> registered{"bubble"};
  EXPECT_EQ(Methods<Sorter>::make("bubble", {{"steps", 3}})->steps(), 3);
  EXPECT_THROW(Methods<Sorter>::make("bubble", Json::object()), DeclarationError);
  EXPECT_THROW(Methods<Sorter>::make("bubble", {{"steps", 3}, {"step", 4}}), DeclarationError);
  EXPECT_THROW(Methods<Sorter>::make("buble", {{"steps", 3}}), DeclarationError);
  EXPECT_THROW(Register<Bubble>{"bubble"}, std::logic_error);  // an id given twice
}

TEST(Granted, LetsThroughWhatTheCardLists) {
  EXPECT_NO_THROW(Granted({"heading"}).need("heading"));
  EXPECT_THROW(Granted({"heading"}).need("masks"), DeclarationError);
  EXPECT_THROW(Granted().need("heading"), DeclarationError);
}

}  // namespace
}  // namespace assay::learn
