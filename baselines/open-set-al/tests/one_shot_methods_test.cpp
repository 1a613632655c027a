// lewis and qbc: their rules on numbers worked out by hand, and their invariants.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>

#include "learn/determinism.hpp"
#include "learn/lewis_weights.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/one_shot.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

struct LewisMaxima {
  std::vector<double> t;
  double sum_of_ranks = 0;
};
LewisMaxima lewis_maxima(const std::vector<torch::Tensor>& representations, double p);
std::vector<std::int64_t> lewis_draws(const std::vector<double>& t, std::int64_t distinct, Stream stream);
OneShotPick lewis_counted(const std::vector<std::int64_t>& draws, const std::vector<double>& t);
std::vector<double> qbc_disagreement(const std::vector<torch::Tensor>& probabilities);
Examples qbc_bootstrap(const Examples& examples, Stream stream);

namespace {

const double kLn2 = std::log(2.0);

torch::Tensor normal(std::int64_t rows, std::int64_t columns, Stream stream) {
  auto values = torch::empty({rows, columns});
  auto* to = values.data_ptr<float>();
  for (std::int64_t i = 0; i < values.numel(); ++i) to[i] = static_cast<float>(stream.normal());
  return values;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

void expect_near(const std::vector<double>& values, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], tolerance) << i;
}

const torch::Tensor kFour = torch::tensor({1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 1.0}, torch::kFloat64).view({4, 2});
const std::vector<double> kLeverage{.146341, .268293, .731707, .853659};

OneShotView view_of(std::vector<torch::Tensor> features, std::int64_t budget) {
  OneShotView view;
  view.size = features.front().size(0);
  view.features = std::move(features);
  view.budget = budget;
  view.streams = Streams(3);
  view.record = [](const std::string&, double) {};
  return view;
}

std::unique_ptr<Method> made(const std::string& id, const Json& parameters) {
  return Methods<Method>::make(id, parameters);
}

OneShotPick picked(const std::string& id, const Json& parameters, const OneShotView& view) {
  return dynamic_cast<OneShotMethod&>(*made(id, parameters)).pick(view);
}

// --- lewis: R1

TEST(LewisMaxima, OfOneRepresentationAreItsLeverageScoresForP2) {
  const auto maxima = lewis_maxima({kFour}, 2);
  expect_near(maxima.t, kLeverage, 1e-6);
  EXPECT_NEAR(maxima.sum_of_ranks, 2, 1e-9);
}

TEST(LewisMaxima, OfEqualRepresentationsAreThoseOfOne) {
  const auto a = normal(30, 4, Stream(1));
  const auto maxima = lewis_maxima({a, a, a}, 2);
  expect_near(maxima.t, values_of(learn::lewis_weights(a.to(torch::kFloat64), 2)), 1e-12);
  EXPECT_NEAR(maxima.sum_of_ranks, 12, 1e-9);
}

TEST(LewisMaxima, LieBetweenTheLargestRankAndTheSumOfRanks) {
  learn::make_deterministic();
  const std::vector<torch::Tensor> representations{normal(40, 3, Stream(1)), normal(40, 7, Stream(2)),
                                                   normal(40, 5, Stream(3))};
  for (const double p : {1.0, 2.0, 3.0}) {
    const auto maxima = lewis_maxima(representations, p);
    EXPECT_NEAR(maxima.sum_of_ranks, 15, 1e-4) << p;
    EXPECT_GT(sum(maxima.t), 7) << p;
    EXPECT_LT(sum(maxima.t), 15) << p;
    for (const double t : maxima.t) EXPECT_TRUE(t >= 0 && t <= 1 + 1e-9) << t;
  }
}

TEST(LewisMaxima, OfAConstantFeatureAreUniform) {
  expect_near(lewis_maxima({torch::ones({8, 1}), torch::full({8, 1}, 3.0F)}, 2).t, std::vector<double>(8, 1.0 / 8),
              1e-12);
}

// Two copies of a row count as one that is 2^(1/p) times as long, and halve its weight.
TEST(LewisMaxima, OfARowGivenTwiceAreShared) {
  learn::make_deterministic();
  const auto a = normal(12, 3, Stream(5)).to(torch::kFloat64);
  const auto twice = torch::cat({a, a.narrow(0, 0, 1)});
  for (const double p : {1.0, 2.0, 3.0}) {
    auto longer = a.clone();
    longer[0] *= std::pow(2, 1 / p);
    const auto of_twice = lewis_maxima({twice}, p).t, of_longer = lewis_maxima({longer}, p).t;
    EXPECT_NEAR(of_twice.front(), of_twice.back(), 1e-6);
    EXPECT_NEAR(of_twice.front() + of_twice.back(), of_longer.front(), 1e-4) << p;
  }
}

// --- lewis: R2 and R3

TEST(LewisDraws, EndWithTheDrawThatMakesThemDistinctEnough) {
  const std::vector<double> t{.5, .1, .1, .2, .1};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto draws = lewis_draws(t, 3, Stream(seed));
    const std::set<std::int64_t> all(draws.begin(), draws.end()), before(draws.begin(), draws.end() - 1);
    EXPECT_EQ(all.size(), 3u);
    EXPECT_EQ(before.size(), 2u);
  }
}

TEST(LewisDraws, AreAllRowsWhereThereAreNoMore) {
  const auto draws = lewis_draws({.5, .5, 1}, 9, Stream(1));
  EXPECT_EQ(std::set<std::int64_t>(draws.begin(), draws.end()).size(), 3u);
}

TEST(LewisDraws, OfALargerBudgetContinueThoseOfASmaller) {
  const auto t = lewis_maxima({normal(50, 4, Stream(1))}, 2).t;
  const auto few = lewis_draws(t, 10, Stream(7)), many = lewis_draws(t, 25, Stream(7));
  ASSERT_GT(many.size(), few.size());
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(LewisCounted, WeighsEachRowByDrawsOverExpectedDraws) {
  // P = .5 .25 .25; five draws: row 2 three times of expected 1.25, row 0 twice of expected 2.5.
  const auto pick = lewis_counted({2, 0, 2, 2, 0}, {1, .5, .5});
  EXPECT_EQ(pick.ids, (Ids{2, 0}));
  expect_near(pick.weights, {3 / 1.25, 2 / 2.5}, 1e-12);
}

// E[S'S] = I: over 20,000 repeats of six draws the mean weight of each of five rows, 0 where it is not drawn, is 1. The
// smallest P is .05: standard deviation of the mean below .013.
TEST(LewisCounted, WeighsEveryRowOneOnAverage) {
  const std::vector<double> t{.05, .1, .2, .25, .4};
  constexpr int kRepeats = 20000;
  Stream stream(11);
  std::vector<double> mean(5, 0);
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    std::vector<std::int64_t> draws;
    for (int m = 0; m < 6; ++m) draws.push_back(static_cast<std::int64_t>(learn::draw_weighted(t, stream)));
    const auto pick = lewis_counted(draws, t);
    for (std::size_t i = 0; i < pick.ids.size(); ++i) {
      mean[static_cast<std::size_t>(pick.ids[i])] += pick.weights[i] / kRepeats;
    }
  }
  expect_near(mean, std::vector<double>(5, 1), 0.05);
}

TEST(Lewis, AsksForDistinctImagesWithOneWeightEach) {
  const auto view = view_of({normal(60, 3, Stream(1)), normal(60, 5, Stream(2))}, 20);
  const auto pick = picked("lewis", {{"p", 2.0}}, view);
  EXPECT_EQ(std::set<std::int64_t>(pick.ids.begin(), pick.ids.end()).size(), 20u);
  ASSERT_EQ(pick.weights.size(), 20u);
  const auto t = lewis_maxima(view.features, 2).t;
  double counted = 0;  // sum of P_q c / (m P_q)
  for (std::size_t i = 0; i < 20; ++i) counted += pick.weights[i] * t[static_cast<std::size_t>(pick.ids[i])] / sum(t);
  EXPECT_NEAR(counted, 1, 1e-9);
}

TEST(Lewis, KeepsTheImagesOfASmallerBudget) {
  const std::vector<torch::Tensor> features{normal(60, 3, Stream(1)), normal(60, 5, Stream(2))};
  const auto few = picked("lewis", {{"p", 2.0}}, view_of(features, 10)),
             many = picked("lewis", {{"p", 2.0}}, view_of(features, 30));
  EXPECT_TRUE(std::equal(few.ids.begin(), few.ids.end(), many.ids.begin()));
}

TEST(Lewis, RecordsTheSumOfMaximaAndOfRanks) {
  auto view = view_of({kFour, kFour}, 2);
  std::map<std::string, double> recorded;
  view.record = [&](const std::string& name, double value) { recorded[name] = value; };
  picked("lewis", {{"p", 2.0}}, view);
  EXPECT_NEAR(recorded.at("sum_of_maxima"), 2, 1e-9);
  EXPECT_NEAR(recorded.at("sum_of_ranks"), 4, 1e-9);
}

// --- qbc

torch::Tensor rows(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64).view({static_cast<std::int64_t>(values.size()) / 2, 2});
}

TEST(QbcDisagreement, IsTheMeanDivergenceToTheMean) {
  // Opposite certainties: log 2. Agreement: 0. (.75, .25) and (.25, .75): log 2 less the entropy of (.75, .25).
  const auto a = rows({1, 0, .3, .7, .75, .25}), b = rows({0, 1, .3, .7, .25, .75});
  const double entropy = -.75 * std::log(.75) - .25 * std::log(.25);
  expect_near(qbc_disagreement({a, b}), {kLn2, 0, kLn2 - entropy}, 1e-12);
}

// It is the Jensen-Shannon divergence of the committee: the entropy of the mean less the mean entropy.
TEST(QbcDisagreement, LiesBetweenZeroAndTheLogarithmOfTheCommittee) {
  std::vector<torch::Tensor> committee;
  for (std::uint64_t m = 0; m < 3; ++m)
    committee.push_back((5 * normal(40, 4, Stream(m))).to(torch::kFloat64).softmax(1));
  const auto scores = qbc_disagreement(committee);
  const auto entropy = [](const torch::Tensor& p) { return -(p * p.log()).sum(1); };
  const auto stacked = torch::stack(committee);
  const auto expected =
      entropy(stacked.mean(0)) - (entropy(committee[0]) + entropy(committee[1]) + entropy(committee[2])) / 3;
  expect_near(scores, values_of(expected), 1e-9);
  for (const double score : scores) EXPECT_TRUE(score >= 0 && score <= std::log(3.0)) << score;
}

TEST(QbcBootstrap, DrawsAsManyAsThereAreWithTheirLabels) {
  Examples examples;
  for (std::int64_t id = 0; id < 50; ++id) examples.add(3 * id, id % 4);
  const auto sample = qbc_bootstrap(examples, Stream(1));
  ASSERT_EQ(sample.size(), 50u);
  for (std::size_t i = 0; i < sample.size(); ++i) EXPECT_EQ(sample.labels[i], sample.ids[i] / 3 % 4);
  const auto distinct = std::set<std::int64_t>(sample.ids.begin(), sample.ids.end()).size();
  EXPECT_GT(distinct, 20u);  // expected 1 - 1/e of 50: 32
  EXPECT_LT(distinct, 45u);
  EXPECT_NE(qbc_bootstrap(examples, Stream(2)).ids, sample.ids);
}

TEST(Qbc, AsksTheModelsForTheImagesThatTheyDisagreeOnMost) {
  auto view = view_of({torch::ones({4, 1})}, 2);
  view.probabilities = {rows({.5, .5, 1, 0, .9, .1, .6, .4}), rows({.5, .5, 0, 1, .1, .9, .4, .6})};
  const auto pick = picked("qbc", {{"members", 3}}, view);
  EXPECT_EQ(pick.ids, (Ids{1, 2}));
  EXPECT_TRUE(pick.weights.empty());
}

// --- Both in the pool protocol: forty noise images of which eight are labelled

class OneShotMethodsInThePool : public testing::TestWithParam<std::pair<std::string, Json>> {
 protected:
  OneShotMethodsInThePool() : frozen_([](const std::string&) { return normal(40, 6, Stream(9)); }) {
    learn::make_deterministic();
    auto pixels = torch::empty({40, 1, 28, 28}, torch::kUInt8);
    Stream stream(4);
    for (std::int64_t i = 0; i < pixels.numel(); ++i)
      pixels.data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(stream.below(256));
    ground_.images = learn::ImageSet(pixels, {{0.5}, {0.5}});
    ground_.body = "c5c3-64-w4";
    view_.ground = &ground_;
    view_.schedule.steps = 2;
    view_.schedule.batch = 8;
    view_.schedule.learning_rate = 0.05;
    view_.known_classes = 2;
    view_.budget = 10;
    view_.rounds = 2;
    view_.round = 1;
    for (std::int64_t id = 0; id < 6; ++id) view_.known.add(5 * id, id % 2);
    view_.unknown = {1, 2};
    for (std::int64_t id = 0; id < 40; ++id) {
      if (id != 1 && id != 2 && (id % 5 != 0 || id > 25)) view_.unlabelled.push_back(id);
    }
    view_.record = [](const std::string&, double) {};
    view_.frozen = &frozen_;
    view_.target = ground_.network({2}, view_.stream("init"));
  }

  Ids selected() {
    const auto method = made(GetParam().first, GetParam().second);
    return dynamic_cast<PoolMethod&>(*method).select(view_);
  }

  Ground ground_;
  Frozen frozen_;
  RoundView view_;
};

TEST_P(OneShotMethodsInThePool, SelectDistinctUnlabelledImagesAndRepeatThem) {
  auto ids = selected();
  EXPECT_EQ(selected(), ids);
  ASSERT_EQ(ids.size(), 10u);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_TRUE(std::includes(view_.unlabelled.begin(), view_.unlabelled.end(), ids.begin(), ids.end()));
}

INSTANTIATE_TEST_SUITE_P(Both, OneShotMethodsInThePool,
                         testing::Values(std::pair<std::string, Json>{"lewis", {{"p", 2.0}}},
                                         std::pair<std::string, Json>{"qbc", {{"members", 3}}}),
                         [](const auto& method) { return method.param.first; });

}  // namespace
}  // namespace assay::open_set_al
