// The baselines' rules, on numbers worked out by hand and against literal definitions; and runs that relate them.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "learn/determinism.hpp"
#include "learn/neighbours.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/tests/synthetic.hpp"

namespace assay::open_set_al {

torch::Tensor openmax_distances(const torch::Tensor& v, const torch::Tensor& centre, double scale);
torch::Tensor openmax_unknown_weights(const torch::Tensor& v, const torch::Tensor& labelled,
                                      const torch::Tensor& labels, std::size_t tail, double scale);
torch::Tensor openmax_probabilities(const torch::Tensor& v, const torch::Tensor& w, std::int64_t alpha);
double ccal_semantic(double s, double k, double t);
std::vector<double> ccal_closeness(const torch::Tensor& u, const torch::Tensor& labelled);
std::vector<std::int64_t> ccal_picks(const std::vector<std::vector<double>>& score, std::int64_t budget);
torch::Tensor similar_values(const torch::Tensor& s, const torch::Tensor& to_query, const torch::Tensor& to_private,
                             double eta, double nu);
std::vector<std::int64_t> similar_lazy_greedy(const torch::Tensor& v, std::int64_t m);
struct MqnetPhi {
  torch::Tensor w1, w2, b1, b2;
  torch::Tensor operator()(const torch::Tensor& u) const {
    return ((u.mm(w1.relu()) + b1).sigmoid().mm(w2.relu()) + b2).squeeze(1);
  }
};
struct MqnetRecipe {
  std::int64_t steps = 0, batch = 0;
  double learning_rate = 0;
};
torch::Tensor mqnet_scaled(const torch::Tensor& v);
MqnetPhi mqnet_untrained(Stream& draws);
torch::Tensor mqnet_pair_loss(const torch::Tensor& score, const torch::Tensor& loss);
MqnetPhi mqnet_trained(const torch::Tensor& inputs, const torch::Tensor& losses, const MqnetRecipe& recipe,
                       Stream draws);
torch::Tensor mqnet_losses(const Ids& ids, const torch::Tensor& logits, const Examples& known);
using DensityEdges = std::vector<std::map<std::int64_t, double>>;
DensityEdges graph_density_edges(const learn::NearestRows& nearest, std::int64_t features);
std::vector<double> graph_density_of(const DensityEdges& edges);
Ids graph_density_picks(const DensityEdges& edges, std::vector<double>& density, Ids from, std::int64_t m);

namespace {

using Positions = std::vector<std::int64_t>;

torch::Tensor matrix(const std::vector<std::vector<double>>& rows) {
  std::vector<torch::Tensor> stacked;
  for (const auto& row : rows) stacked.push_back(torch::tensor(row, torch::kFloat64));
  return torch::stack(stacked);
}

torch::Tensor vector(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64); }

torch::Tensor uniform(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Stream draws(seed);
  auto values = torch::empty({rows, columns}, torch::kFloat64);
  std::generate_n(values.mutable_data_ptr<double>(), rows * columns, [&] { return draws.uniform(); });
  return values;
}

void expect_near(const torch::Tensor& found, const std::vector<double>& expected, double tolerance = 1e-12) {
  const auto values = values_of(found.flatten());
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], tolerance) << i;
}

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

// --- Uncertainty

TEST(UncertaintyBaselines, OfHalfThirtyTwenty) {
  const auto p = matrix({{.5, .3, .2}});
  EXPECT_NEAR(value(learn::least_confidence(p)), .5, 1e-12);
  EXPECT_NEAR(value(learn::margin_uncertainty(p)) - 1, -.2, 1e-12);
  EXPECT_NEAR(value(learn::entropy(p)), 1.0297, 5e-5);
}

TEST(UncertaintyBaselines, OfTwoClassesRankAlike) {
  const auto first = uniform(50, 1, 7);
  const auto p = torch::cat({first, 1 - first}, 1);
  const auto order = [](const torch::Tensor& score) { return learn::top(values_of(score), 50); };
  EXPECT_EQ(order(learn::least_confidence(p)), order(learn::margin_uncertainty(p)));
  EXPECT_EQ(order(learn::least_confidence(p)), order(learn::entropy(p)));
}

// --- OpenMax

TEST(OpenMax, DistanceAddsTheScaledEuclideanAndTheCosineOne) {
  const auto v = matrix({{3, 4}, {0, 5}, {0, 0}});
  expect_near(openmax_distances(v, vector({0, 5}), 1), {std::sqrt(10) + .2, 0, 5 + 1});
  expect_near(openmax_distances(v, vector({0, 5}), 200), {std::sqrt(10) / 200 + .2, 0, 5. / 200 + 1});
}

TEST(OpenMax, MovesMassFromClassesByRankAndWeight) {  // the specification's numbers
  expect_near(openmax_probabilities(matrix({{3, 1}}), matrix({{.4, .8}}), 2), {.3862, .4717, .1421}, 5e-5);
  expect_near(openmax_probabilities(matrix({{1, 3}}), matrix({{.8, .4}}), 2), {.3862, .1421, .4717}, 5e-5);
}

TEST(OpenMax, TouchesOnlyTheFirstAlphaClassesAndNoMoreThanThereAre) {
  const auto v = matrix({{3, 1, 2}}), w = matrix({{.5, .5, .5}});
  expect_near(openmax_probabilities(v, w, 1), values_of(vector({1.5, 1.5, 1, 2}).softmax(0)));
  EXPECT_TRUE(torch::equal(openmax_probabilities(v, w, 3), openmax_probabilities(v, w, 10)));
}

TEST(OpenMax, WithoutWeightsIsASoftmaxWithAZero) {
  expect_near(openmax_probabilities(matrix({{2, -1}}), torch::zeros({1, 2}, torch::kFloat64), 2),
              values_of(vector({0, 2, -1}).softmax(0)));
}

TEST(OpenMax, LetsANegativeLogitGrowAsPublished) {
  const auto logits = openmax_probabilities(matrix({{2, -1}}), matrix({{0, 1}}), 2).log();
  EXPECT_NEAR(value(logits[0][1] - logits[0][2]), 2.5, 1e-12);  // -1 became -1/2
}

TEST(OpenMax, WeighsByTheTailOfARightlyClassifiedClass) {
  // Class 0: three right ones around (4, 0), one wrong one that must not count; class 1: a single one.
  const auto labelled = matrix({{3, 0}, {4, 0}, {5, 0}, {-9, 9}, {0, 4}});
  const auto labels = torch::tensor({0, 0, 0, 0, 1}, torch::kInt64);
  const auto w = openmax_unknown_weights(matrix({{4, 0}, {40, 0}, {0, 40}}), labelled, labels, 20, 1);
  EXPECT_LT(value(w[0][0]), .01);
  EXPECT_GT(value(w[1][0]), .99);
  EXPECT_GT(value(w[2][0]), .99);
  EXPECT_EQ(value(w.select(1, 1).abs().sum()), 0);
}

// --- CCAL

TEST(Ccal, GateIsSteepAroundItsPlace) {  // the specification's numbers
  EXPECT_NEAR(ccal_semantic(.88, 100, .9), -.761594, 1e-6);
  EXPECT_NEAR(ccal_semantic(.9, 100, .9), 0, 1e-12);
  EXPECT_NEAR(ccal_semantic(.92, 100, .9), .761594, 1e-6);
  for (const double s : {.85, .9, .95}) {
    const double e = std::exp(-100 * (s - .9));
    EXPECT_NEAR(ccal_semantic(s, 100, .9), (1 - e) / (1 + e), 1e-12);
  }
}

TEST(Ccal, ClosenessIsGapPlusLikenessOfTheTwoNearestPlusTheNearest) {
  const auto labelled = matrix({{0, 1}, {.6, .8}, {1, 0}});
  const auto q = ccal_closeness(matrix({{1, 0}, {.8, .6}}), labelled);
  EXPECT_NEAR(q[0], (1 - .6) + .6 + 1, 1e-12);
  EXPECT_NEAR(q[1], (.96 - .8) + .6 + .96, 1e-12);
  EXPECT_NEAR(ccal_closeness(matrix({{.8, .6}}), matrix({{1, 0}}))[0], 0 + 1 + .8, 1e-12);  // compared with itself
}

TEST(Ccal, ClosenessDoesNotDependOnTheBlocks) {
  const auto u = learn::normalised(uniform(4100, 2, 3)), labelled = learn::normalised(uniform(5, 2, 4));
  const auto whole = ccal_closeness(u, labelled), last = ccal_closeness(u.narrow(0, 4097, 3), labelled);
  ASSERT_EQ(whole.size(), 4100U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(whole[4097 + i], last[i], 1e-12);
}

TEST(Ccal, ClassesTakeTurnsAndNothingTwice) {
  const std::vector<double> score{.1, .9, .5, .8, .2};
  EXPECT_EQ(ccal_picks({score, score}, 3), (Positions{1, 3, 2}));  // two for class 0, one for class 1
  EXPECT_EQ(ccal_picks({score, {5, 4, 3, 2, 1}}, 4), (Positions{1, 3, 0, 2}));
  EXPECT_EQ(ccal_picks({score, score, score}, 2), (Positions{1, 3}));  // less than one each
  EXPECT_EQ(ccal_picks({score, score}, 12).size(), 5U);
}

// --- SIMILAR

// F as the paper writes it.
double information(const torch::Tensor& s, const torch::Tensor& to_query, const torch::Tensor& to_private,
                   const Positions& chosen, double eta = 1, double nu = 1) {
  double sum = 0;
  for (std::int64_t i = 0; i < s.size(0); ++i) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const auto j : chosen) largest = std::max(largest, value(s[i][j]));
    sum += std::max(std::min(largest, eta * value(to_query[i])) - nu * value(to_private[i]), 0.0);
  }
  return sum;
}

TEST(Similar, ValuesOfOneCandidateEachAreTheInformation) {  // the specification's numbers
  const auto s = matrix({{1, .2}, {.2, 1}}), query = vector({.9, .1}), hidden = vector({.3, 0});
  const auto gains = similar_values(s, query, hidden, 1, 1).sum(0);
  expect_near(gains, {.7, .1});
  EXPECT_NEAR(information(s, query, hidden, {0}), .7, 1e-12);
  EXPECT_NEAR(information(s, query, hidden, {1}), .1, 1e-12);
  EXPECT_EQ(similar_lazy_greedy(similar_values(s, query, hidden, 1, 1), 1), (Positions{0}));
}

Positions naive_greedy(const torch::Tensor& v, std::int64_t m) {
  Positions picked;
  std::vector<double> covered(static_cast<std::size_t>(v.size(0)));
  while (static_cast<std::int64_t>(picked.size()) < m) {
    double most = -1;
    std::int64_t best = -1;
    for (std::int64_t j = 0; j < v.size(1); ++j) {
      if (std::find(picked.begin(), picked.end(), j) != picked.end()) continue;
      double gain = 0;
      for (std::int64_t i = 0; i < v.size(0); ++i) {
        gain += std::max(value(v[i][j]) - covered[static_cast<std::size_t>(i)], 0.0);
      }
      if (gain > most) most = gain, best = j;
    }
    picked.push_back(best);
    for (std::size_t i = 0; i < covered.size(); ++i) {
      covered[i] = std::max(covered[i], value(v[static_cast<std::int64_t>(i)][best]));
    }
  }
  return picked;
}

TEST(Similar, LazyGreedyPicksWhatGreedyPicks) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto points = uniform(30, 3, seed) - .5;
    const auto s = learn::normalised(points).mm(learn::normalised(points).t());
    const auto v =
        similar_values(s, uniform(30, 1, seed + 10).squeeze(1), uniform(30, 1, seed + 20).squeeze(1) / 2, 1, 1);
    EXPECT_EQ(similar_lazy_greedy(v, 30), naive_greedy(v, 30));
    const auto coarse = (v * 4).round();  // many ties
    EXPECT_EQ(similar_lazy_greedy(coarse, 12), naive_greedy(coarse, 12));
  }
}

TEST(Similar, GreedyNeverLosesInformation) {
  const auto points = learn::normalised(uniform(12, 3, 5) - .5);
  const auto s = points.mm(points.t()), query = uniform(12, 1, 6).squeeze(1), hidden = uniform(12, 1, 8).squeeze(1) / 2;
  double before = 0;
  Positions chosen;
  for (const auto j : similar_lazy_greedy(similar_values(s, query, hidden, 1, 1), 12)) {
    chosen.push_back(j);
    const double after = information(s, query, hidden, chosen);
    EXPECT_GE(after, before - 1e-12);
    before = after;
  }
}

// --- MQ-Net

TEST(Mqnet, ScalesToAnExponentialOfStandardScores) {
  const double step = std::sqrt(1.5);  // standard deviation of 1, 2, 3 is sqrt(2/3)
  expect_near(mqnet_scaled(vector({1, 2, 3})), {std::exp(-step), 1, std::exp(step)});
  expect_near(mqnet_scaled(vector({.4, .4})), {1, 1});
}

TEST(Mqnet, PhiNeverFallsWhateverTheWeights) {
  const MqnetPhi phi{uniform(2, 64, 1) - .5, uniform(64, 1, 2) - .5, uniform(1, 64, 3) - .5, uniform(1, 1, 4)};
  for (const double fixed : {0., .3, 2., 9.}) {
    double last_first = -1e9, last_second = -1e9;
    for (double moved = 0; moved < 5; moved += .25) {
      const double first = value(phi(matrix({{moved, fixed}}))), second = value(phi(matrix({{fixed, moved}})));
      EXPECT_GE(first, last_first - 1e-12);
      EXPECT_GE(second, last_second - 1e-12);
      last_first = first, last_second = second;
    }
  }
}

TEST(Mqnet, PairsMirrorTheBatch) {
  // Pairs (0, 3) and (1, 2): ordered by more than 1; ordered the wrong way round by 2.
  EXPECT_NEAR(value(mqnet_pair_loss(vector({3, 0, 2, 1}), vector({.9, .5, .1, .2}))), (0 + 3) / 2., 1e-12);
  EXPECT_NEAR(value(mqnet_pair_loss(vector({3, 4, 1}), vector({.9, .5, .1}))), 0, 1e-12);  // the middle one is alone
  EXPECT_NEAR(value(mqnet_pair_loss(vector({2, 1.5}), vector({0, 0}))), 1.5, 1e-12);       // equal losses, as published
}

TEST(Mqnet, LossesAreOfKnownAnswersOnly) {
  Examples known;
  known.add(4, 1);
  known.add(9, 0);
  const auto losses = mqnet_losses({9, 7, 4}, matrix({{0, 0}, {5, 1}, {0, std::log(3.)}}), known);
  expect_near(losses, {std::log(2.), 0, std::log(4. / 3)});
}

TEST(Mqnet, StartsUniformAndWithoutAPairStaysThere) {
  Stream draws(5), same(5);
  const auto phi = mqnet_untrained(draws);
  for (const auto& weights : {phi.w1, phi.w2, phi.b1, phi.b2}) {
    EXPECT_GE(value(weights.min()), 0);
    EXPECT_LT(value(weights.max()), 1);
  }
  EXPECT_EQ(phi.w1.sizes(), (std::vector<std::int64_t>{2, 64}));
  EXPECT_EQ(phi.w2.sizes(), (std::vector<std::int64_t>{64, 1}));
  const auto trained = mqnet_trained(matrix({{1, 1}}), vector({.5}), {20, 32, .1}, same);
  EXPECT_TRUE(torch::equal(trained.w1, phi.w1));
}

TEST(Mqnet, LearnsWhichScoreMatters) {
  learn::make_deterministic();  // one thread: many small steps
  // The answers' losses follow the second input and not the first, with which they fall.
  const auto second = uniform(40, 1, 1) * 3;
  const auto inputs = torch::cat({3 - second, second}, 1);
  const auto losses = second.squeeze(1);
  const auto error = [&](const MqnetPhi& phi) { return value(mqnet_pair_loss(phi(inputs), losses)); };
  const auto untrained = mqnet_trained(inputs, losses, {0, 32, .1}, Stream(2));
  const auto trained = mqnet_trained(inputs, losses, {120, 32, .1}, Stream(2));
  EXPECT_LT(error(trained), .7 * error(untrained));
  EXPECT_TRUE(torch::equal(trained.w1, mqnet_trained(inputs, losses, {120, 32, .1}, Stream(2)).w1));
}

// --- Graph density

learn::NearestRows line_of_four() {  // at 0, 1, 3, 7, each joined to its nearest one
  return {torch::tensor({1, 0, 1, 2}, torch::kInt64).view({4, 1}), torch::tensor({1.F, 1.F, 2.F, 4.F}).view({4, 1})};
}

TEST(GraphDensity, IsTheMeanWeightOfEdgesOfEitherDirection) {
  const auto edges = graph_density_edges(line_of_four(), 2);
  const double a = std::exp(-.5), b = std::exp(-1.), c = std::exp(-2.);
  expect_near(vector(graph_density_of(edges)), {a, (a + b) / 2, (b + c) / 2, c});
}

TEST(GraphDensity, APickLowersItsNeighbours) {
  const auto edges = graph_density_edges(line_of_four(), 1);
  auto density = graph_density_of(edges);  // .368 .252 .077 .018
  EXPECT_EQ(graph_density_picks(edges, density, {0, 1, 2, 3}, 9), (Ids{0, 2, 3, 1}));
  density = graph_density_of(edges);
  EXPECT_EQ(graph_density_picks(edges, density, {1, 2, 3}, 1), (Ids{1}));  // 0 is labelled
  EXPECT_EQ(graph_density_picks(edges, density, {2, 3}, 1), (Ids{3}));     // the pick of 1 is not forgotten
}

// ALiPy's loop, word for word: labelled and picked ones are put below all others, then the largest is taken.
Ids alipy_picks(const torch::Tensor& connect, std::vector<double> density, const Ids& labelled, std::int64_t m) {
  Ids picks;
  const auto sink = [&](const Ids& ids) {
    const double low = *std::min_element(density.begin(), density.end()) - 1;
    for (const auto id : ids) density[static_cast<std::size_t>(id)] = low;
  };
  sink(labelled);
  while (static_cast<std::int64_t>(picks.size()) < m) {
    const auto selected = std::max_element(density.begin(), density.end()) - density.begin();
    const double taken = density[static_cast<std::size_t>(selected)];
    for (std::int64_t j = 0; j < connect.size(0); ++j) {
      if (value(connect[selected][j]) > 0) density[static_cast<std::size_t>(j)] -= taken;
    }
    picks.push_back(selected);
    sink(labelled);
    sink(picks);
  }
  return picks;
}

TEST(GraphDensity, PicksWhatALiPyPicks) {
  const auto points = uniform(40, 3, 11);
  const auto nearest = learn::nearest_by_l1(points.to(torch::kFloat32), 4);
  const auto edges = graph_density_edges(nearest, 3);
  auto connect = torch::zeros({40, 40}, torch::kFloat64);
  for (std::int64_t i = 0; i < 40; ++i) {
    for (const auto& [j, weight] : edges[static_cast<std::size_t>(i)]) connect[i][j] = weight;
  }
  EXPECT_TRUE(torch::equal(connect, connect.t()));
  const Ids labelled{3, 8, 21};
  Ids from;
  for (std::int64_t id = 0; id < 40; ++id) {
    if (std::find(labelled.begin(), labelled.end(), id) == labelled.end()) from.push_back(id);
  }
  auto density = graph_density_of(edges);
  const auto expected = alipy_picks(connect, density, labelled, 37);
  EXPECT_EQ(graph_density_picks(edges, density, from, 37), expected);
}

// --- Whole runs

struct BaselineRuns : testing::Test {
  BaselineRuns() { learn::make_deterministic(); }
  synthetic::Jobs jobs{"baselines"};
};

TEST_F(BaselineRuns, OraclesAskForKnownClassesOnly) {
  auto at_random = synthetic::run(jobs.pool("oracle-known"));
  auto by_margin = synthetic::run(jobs.pool("oracle-known", {{"by", "margin"}}));
  for (const auto& memory : {at_random, by_margin}) {
    EXPECT_EQ(memory.metrics.at("query_precision"), 100);
    EXPECT_EQ(memory.metrics.at("known_labelled"), 12 + 24);
  }
  EXPECT_NE(at_random.fingerprint(), by_margin.fingerprint());
}

TEST_F(BaselineRuns, OraclesNeedTheirPrivilege) {
  for (const auto* method : {"oracle-known", "all-known"}) {
    auto job = jobs.pool(method);
    job.privileged.clear();
    EXPECT_THROW(synthetic::run(job), DeclarationError) << method;
  }
}

// A view of 40 bars of two known classes and unknown ones: 10 labelled, and all others asked for at once.
struct BaselineView : testing::Test {
  BaselineView() {
    learn::make_deterministic();
    const auto pixels = torch::empty({40, 1, 28, 28}, torch::kUInt8);
    std::copy_n(synthetic::bars().images.train.pixels.data(), pixels.numel(), pixels.mutable_data_ptr<std::uint8_t>());
    ground.images = learn::ImageSet(pixels, {{.286}, {.353}});
    ground.body = "c5c3-64-w4";
    view.ground = &ground;
    view.schedule = {.steps = 3, .batch = 8, .learning_rate = .05, .momentum = .9};
    view.known_classes = 2;
    view.budget = 30;
    view.target = ground.network({2}, Stream(3));
    for (std::int64_t id = 0; id < 40; ++id) {
      labels.push_back(id % 3);
      id % 4 == 0 ? view.known.add(id, id % 8 / 4) : view.unlabelled.push_back(id);
    }
  }
  static std::unique_ptr<Method> made(const std::string& method) {
    return Methods<Method>::make(method, Json::object());
  }
  Ids selected(const std::string& method) { return dynamic_cast<PoolMethod&>(*made(method)).select(view); }

  Ground ground;
  std::vector<std::int64_t> labels;
  RoundView view;
};

TEST_F(BaselineView, CertaintyIsLeastConfidenceReversed) {
  auto certain = selected("certainty");
  const auto unsure = selected("least-confidence");
  EXPECT_EQ(certain.size(), 30U);
  std::reverse(certain.begin(), certain.end());
  EXPECT_EQ(certain, unsure);
}

TEST_F(BaselineView, AllKnownIsTheCommonTrainingOnAllKnownImages) {
  FitView told;
  static_cast<PoolView&>(told) = view;
  told.privileged = Privileged(Granted({"pool_labels"}), &labels);
  told.repeat = 1;
  const auto method = made("all-known");
  const auto fit = dynamic_cast<PoolMethod&>(*method).fit(told);

  Examples known;
  for (std::int64_t id = 0; id < 40; ++id) {
    if (id % 3 < 2) known.add(id, id % 3);
  }
  auto net = ground.network({2}, view.stream("init", 1));
  train(*net, ground, known, view.schedule, view.train_streams(1));
  const Ids all = told.known.ids;
  EXPECT_TRUE(torch::equal(ground.outputs(*fit->net, all).logits[0], ground.outputs(*net, all).logits[0]));
}

TEST_F(BaselineView, AllKnownDrawsWhatTheRandomOracleDraws) {
  view.privileged = Privileged(Granted({"pool_labels"}), &labels);
  view.budget = 5;
  const auto oracle = Methods<Method>::make("oracle-known", {{"by", "random"}});
  const auto query = dynamic_cast<PoolMethod&>(*oracle).select(view);
  EXPECT_EQ(query.size(), 5U);
  for (const auto id : query) EXPECT_LT(id % 3, 2) << id;
  EXPECT_EQ(selected("all-known"), query);
}

}  // namespace
}  // namespace assay::open_set_al
