// random, entropy, margin, coreset, badge and fairfal: their rules on numbers worked out by hand, and their answers in
// the protocols that they take part in.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "learn/gradient_embedding.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/federated.hpp"
#include "open-set-al/federated_run.hpp"
#include "open-set-al/one_shot.hpp"
#include "open-set-al/tests/synthetic.hpp"

namespace assay::open_set_al {

std::vector<double> entropy_scores(const torch::Tensor& logits);
std::vector<double> entropy_mean_scores(const std::vector<torch::Tensor>& probabilities);
std::vector<double> margin_scores(const torch::Tensor& logits);
learn::GradientEmbedding badge_embedding(const Outputs& outputs);
std::vector<std::int64_t> badge_picks(const learn::GradientEmbedding& g, std::int64_t budget, Stream& stream);
std::vector<std::int64_t> fairfal_balanced(const std::vector<std::int64_t>& labels, std::int64_t classes,
                                           Stream& stream);
double fairfal_balance(const torch::Tensor& pi, const std::vector<std::int64_t>& labels);
double fairfal_discrepancy(const torch::Tensor& pi_g, const torch::Tensor& pi_l);
double fairfal_agreement(double discrepancy, double balance);
torch::Tensor fairfal_pseudo_classes(const torch::Tensor& z, const torch::Tensor& labelled_z,
                                     const std::vector<std::int64_t>& labels, std::int64_t classes);
struct FairFalGroup {
  std::vector<std::int64_t> positions;
  std::vector<double> uncertainty;
};
std::vector<FairFalGroup> fairfal_groups(const torch::Tensor& pseudo, const std::vector<double>& uncertainty,
                                         std::int64_t classes);
std::vector<std::int64_t> fairfal_quotas(const std::vector<FairFalGroup>& groups, std::int64_t budget);
std::vector<std::int64_t> fairfal_of_group(const FairFalGroup& group, std::int64_t quota, double kappa,
                                           const learn::GradientEmbedding& all,
                                           const learn::GradientEmbedding& anchors);

namespace {

torch::Tensor matrix(const std::vector<double>& values, std::int64_t columns) {
  return torch::tensor(values, torch::kFloat64).view({-1, columns});
}

torch::Tensor noise(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Stream stream(seed);
  std::vector<double> values;
  for (std::int64_t i = 0; i < rows * columns; ++i) values.push_back(stream.normal());
  return matrix(values, columns);
}

std::set<std::int64_t> distinct(const std::vector<std::int64_t>& values) { return {values.begin(), values.end()}; }

// --- Uncertainties

TEST(Uncertainties, HaveTheWorkedValues) {
  const auto logits = matrix({.5, .3, .2}, 3).log() + 3;
  EXPECT_NEAR(entropy_scores(logits)[0], 1.0297, 5e-5);
  EXPECT_NEAR(margin_scores(logits)[0] - 1, -.2, 1e-12);
}

TEST(Uncertainties, OfTwoClassesRankAlike) {
  const auto logits = noise(200, 2, 3);
  const auto least = values_of(learn::least_confidence(torch::softmax(logits, 1)));
  const auto by = [](const std::vector<double>& scores) { return learn::top(scores, 200); };
  EXPECT_EQ(by(entropy_scores(logits)), by(margin_scores(logits)));
  EXPECT_EQ(by(entropy_scores(logits)), by(least));
}

TEST(Uncertainties, OfSeveralModelsAreMeans) {
  const auto even = matrix({.5, .5, .5, .5}, 2), sure = matrix({1, 0, .5, .5}, 2);
  const auto mean = entropy_mean_scores({even.to(torch::kFloat32), sure.to(torch::kFloat32)});
  EXPECT_NEAR(mean[0], std::log(2) / 2, 1e-12);
  EXPECT_NEAR(mean[1], std::log(2), 1e-12);
}

// --- BADGE

TEST(Badge, EmbedsAtThePredictedLabel) {
  const auto g = badge_embedding({matrix({1, 2}, 2), {matrix({std::log(.7), std::log(.3)}, 2)}});
  EXPECT_TRUE(torch::allclose(g.error, matrix({.3, -.3}, 2)));
  EXPECT_NEAR(g.norm.item<double>(), .9, 1e-12);
}

learn::GradientEmbedding embedding(std::int64_t rows, std::uint64_t seed) {
  return learn::gradient_embedding(torch::softmax(noise(rows, 3, seed), 1), noise(rows, 5, seed + 1));
}

TEST(Badge, BeginsWithTheLongestAndPicksEachOnce) {
  const auto g = embedding(40, 1);
  Stream stream(1);
  const auto picks = badge_picks(g, 40, stream);
  EXPECT_EQ(picks[0], g.norm.argmax().item<std::int64_t>());
  EXPECT_EQ(distinct(picks).size(), 40u);
  EXPECT_EQ(badge_picks(g, 100, stream).size(), 40u);
}

TEST(Badge, NeverPicksTwinsWhileOthersAreLeft) {
  const auto half = embedding(8, 5);
  const auto twice =
      half.rows(torch::tensor(std::vector<std::int64_t>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7}));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Stream stream(seed);
    auto picks = badge_picks(twice, 8, stream);
    for (auto& pick : picks) pick /= 2;
    EXPECT_EQ(distinct(picks).size(), 8u);
  }
}

TEST(Badge, DrawsWhatIsMissingWhereAllAreEqual) {
  const auto equal = embedding(1, 5).rows(torch::zeros({6}, torch::kInt64));
  std::set<std::int64_t> seen;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Stream stream(seed);
    const auto picks = badge_picks(equal, 3, stream);
    EXPECT_EQ(distinct(picks).size(), 3u);
    seen.insert(picks.begin(), picks.end());
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST(Badge, DrawsInProportionToSquaredDistances) {
  // One long vector, then two at squared distances 1 and 4 from it (p = (.5, .5): squared norm of the error .5).
  const auto p = torch::full({3, 2}, .5, torch::kFloat64);
  const auto g = learn::gradient_embedding(p, matrix({10, 10 - std::sqrt(2), 10 - std::sqrt(8)}, 1));
  int far = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Stream stream(seed);
    far += badge_picks(g, 2, stream)[1] == 2;
  }
  EXPECT_NEAR(far / 2000.0, .8, .04);
}

// --- FairFAL

TEST(FairFal, HasTheWorkedNumbers) {
  const auto pi_g = torch::tensor({.5, .3, .2}, torch::kFloat64), pi_l = torch::tensor({.6, .3, .1}, torch::kFloat64);
  const double d = fairfal_discrepancy(pi_g, pi_l), gamma = fairfal_balance(pi_g, {0, 1, 2, 2});
  EXPECT_NEAR(d, .141414, 5e-7);
  EXPECT_NEAR(gamma, .4, 1e-12);
  EXPECT_NEAR(fairfal_agreement(d, gamma), .729293, 5e-7);
  EXPECT_NEAR(fairfal_balance(pi_g, {1, 0, 0}), .6, 1e-12);  // of classes that are labelled
}

TEST(FairFal, IsBetweenItsBounds) {
  EXPECT_EQ(fairfal_balance(torch::full({4}, .25, torch::kFloat64), {0, 1, 2, 3}), 1);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto a = torch::softmax(3 * noise(1, 6, seed), 1)[0], b = torch::softmax(3 * noise(1, 6, seed + 50), 1)[0];
    EXPECT_EQ(fairfal_discrepancy(a, a), 0);
    EXPECT_GT(fairfal_discrepancy(a, b), 0);
    EXPECT_LE(fairfal_discrepancy(a, b), 1);
    EXPECT_GE(fairfal_balance(a, {0, 3}), 0);
    EXPECT_LE(fairfal_balance(a, {0, 3}), 1);
  }
  EXPECT_EQ(fairfal_discrepancy(torch::tensor({1., 0.}), torch::tensor({1., 0.})), 0);  // both sure: no 0 / 0
}

TEST(FairFal, BalancesByRepeating) {
  Stream stream(1);
  const std::vector<std::int64_t> labels{0, 2, 0, 0, 2, 3};
  const auto rows = fairfal_balanced(labels, 5, stream);
  std::vector<int> counts(5);
  for (const auto row : rows) ++counts[static_cast<std::size_t>(labels[static_cast<std::size_t>(row)])];
  EXPECT_EQ(counts, (std::vector<int>{3, 0, 3, 3, 0}));
  EXPECT_EQ(distinct(rows).size(), 6u);
}

TEST(FairFal, PseudoClassIsThePrototypeOfTheLargestCosine) {
  // Prototypes of unit vectors: class 0 along (1, 1), whatever the lengths; class 2 along (0, -1); class 1 has none.
  const auto labelled = matrix({100, 0, 0, .1, 0, -5}, 2);
  const auto pseudo = fairfal_pseudo_classes(matrix({3, 3, 9, -1, 1, -9, -1, .9, 0, 0}, 2), labelled, {0, 0, 2}, 3);
  EXPECT_TRUE(torch::equal(pseudo, torch::tensor(std::vector<std::int64_t>{0, 0, 2, 0, 0})));
}

TEST(FairFal, QuotasFollowTheGroups) {
  std::vector<std::int64_t> pseudo{0};
  pseudo.insert(pseudo.end(), 10, 1);
  pseudo.insert(pseudo.end(), 4, 2);
  const auto groups = fairfal_groups(torch::tensor(pseudo), std::vector<double>(15, .5), 3);
  EXPECT_EQ(groups[2].positions, (std::vector<std::int64_t>{11, 12, 13, 14}));
  EXPECT_EQ(fairfal_quotas(groups, 7), (std::vector<std::int64_t>{1, 4, 2}));
}

class FairFalGroups : public testing::Test {
 protected:
  // Six images whose embeddings lie on a line at 1, 3, 7, 10, 20, 30 (times a constant).
  learn::GradientEmbedding all_ = on_line({1, 3, 7, 10, 20, 30});
  FairFalGroup group_{{0, 1, 2, 3, 4, 5}, {.9, .8, .7, .6, .1, .2}};

  static learn::GradientEmbedding on_line(const std::vector<double>& at) {
    const auto p = torch::full({static_cast<std::int64_t>(at.size()), 2}, .5, torch::kFloat64);
    return learn::gradient_embedding(p, matrix(at, 1));
  }
};

TEST_F(FairFalGroups, TakesTheMostDiverseOfTheMostUncertain) {
  // Candidates 1, 3, 7, 10; from an anchor at 0: 10, then 3 (as far from both as 7, and more uncertain).
  EXPECT_EQ(fairfal_of_group(group_, 2, 2, all_, on_line({0})), (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(fairfal_of_group(group_, 2, 1, all_, on_line({0})), (std::vector<std::int64_t>{0, 1}));  // no choice
  EXPECT_EQ(fairfal_of_group(group_, 1, 1.9, all_, on_line({0})), (std::vector<std::int64_t>{0}));   // floor(1.9)
  // All six: 30, then 10 (as far as 20, and more uncertain).
  EXPECT_EQ(fairfal_of_group(group_, 2, 100, all_, on_line({0})), (std::vector<std::int64_t>{5, 3}));
  EXPECT_TRUE(fairfal_of_group(group_, 0, 4, all_, on_line({0})).empty());
  EXPECT_EQ(fairfal_of_group(group_, 9, 4, all_, on_line({0})).size(), 6u);
}

TEST_F(FairFalGroups, BeginsWithTheMostUncertainWhereTheClassHasNoLabels) {
  const auto none = all_.rows(torch::zeros({0}, torch::kInt64));
  EXPECT_EQ(fairfal_of_group(group_, 2, 2, all_, none), (std::vector<std::int64_t>{0, 3}));
}

// --- Whole queries

template <typename Interface>
std::unique_ptr<Method> make(const std::string& id, const Json& parameters) {
  auto method = Methods<Method>::make(id, parameters);
  EXPECT_NE(dynamic_cast<Interface*>(method.get()), nullptr) << id;
  return method;
}

OneShotPick pick(const std::string& id, const OneShotView& view) {
  const auto job = learn::job_with_card("open-set-al", id);
  const auto method = make<OneShotMethod>(id, job.parameters);
  return dynamic_cast<OneShotMethod&>(*method).pick(view);
}

OneShotView one_shot_view() {
  OneShotView view;
  view.size = 4;
  view.features = {matrix({1, 1, 3, 1, 7, 1, 10, 1}, 2).to(torch::kFloat32), torch::zeros({4, 3})};
  view.labelled_features = {matrix({0, 1}, 2).to(torch::kFloat32), torch::zeros({1, 3})};
  view.probabilities = {matrix({1, 0, .5, .5, .9, .1, .6, .4}, 2), matrix({1, 0, .5, .5, .5, .5, .6, .4}, 2)};
  view.budget = 4;
  return view;
}

TEST(OneShot, CoresetGoesFarthestFirstInTheFirstModel) {
  EXPECT_EQ(pick("coreset", one_shot_view()).ids, (Ids{3, 1, 2, 0}));
}

TEST(OneShot, EntropyRanksByTheMeanOverModels) { EXPECT_EQ(pick("entropy", one_shot_view()).ids, (Ids{1, 3, 2, 0})); }

TEST(OneShot, RandomContinuesTheDrawsOfASmallerBudget) {
  auto view = one_shot_view();
  view.size = 50;
  view.budget = 30;
  const auto many = pick("random", view);
  view.budget = 10;
  const auto few = pick("random", view);
  EXPECT_EQ(distinct(many.ids).size(), 30u);
  EXPECT_EQ(few.ids, Ids(many.ids.begin(), many.ids.begin() + 10));
  EXPECT_TRUE(many.weights.empty());
}

TEST(Coreset, AnchorsMatterOnceThereAreUnknownAnswers) {
  const synthetic::Jobs jobs("coreset-anchors");
  const auto all = synthetic::run(jobs.pool("coreset", {{"anchors", "all"}}));
  const auto known = synthetic::run(jobs.pool("coreset", {{"anchors", "known"}}));
  const auto of_all = all.notes.at("asked_per_class"), of_known = known.notes.at("asked_per_class");
  EXPECT_EQ(of_all[0], of_known[0]);
  EXPECT_NE(of_all[1], of_known[1]);
}

struct FederatedCase {
  std::string method;
  Json parameters;
};
std::ostream& operator<<(std::ostream& out, const FederatedCase& c) { return out << c.method << c.parameters; }

class FederatedQueries : public testing::TestWithParam<FederatedCase> {};

TEST_P(FederatedQueries, SpendTheBudgetThemselvesAndRepeat) {
  const auto& [method, parameters] = GetParam();
  const synthetic::Jobs jobs("federated-methods");
  auto job = jobs.federated(method, parameters);
  job.budget.update({{"stages", 3}, {"rounds", 1}, {"network", "c5c3-64-w4"}});
  learn::MemoryReporter first, second;
  run_federated(synthetic::bars().images, job, first);
  run_federated(synthetic::bars().images, job, second);
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  EXPECT_EQ(first.notes.count("filled"), 0u);
  EXPECT_EQ(first.epochs.back().at("labelled"), 36);

  // What is labelled at first, and so the first model, is the same for every method.
  learn::MemoryReporter random;
  auto other = jobs.federated("random");
  other.budget = job.budget;
  run_federated(synthetic::bars().images, other, random);
  EXPECT_EQ(first.epochs.front(), random.epochs.front());
}

INSTANTIATE_TEST_SUITE_P(Methods, FederatedQueries,
                         testing::Values(FederatedCase{"random", Json::object()},
                                         FederatedCase{"entropy", {{"query_model", "global"}}},
                                         FederatedCase{"entropy", {{"query_model", "local"}}},
                                         FederatedCase{"margin", {{"query_model", "local"}}},
                                         FederatedCase{"coreset", {{"query_model", "local"}}},
                                         FederatedCase{"badge", {{"query_model", "global"}}},
                                         FederatedCase{"fairfal", Json::object()},
                                         FederatedCase{"fairfal", {{"variant", "code"}, {"threshold", 1.0}}}));

TEST(FairFal, FixesTheBalanceAtTheFirstQuery) {
  const synthetic::Jobs jobs("fairfal-balance");
  auto job = jobs.federated("fairfal");
  job.budget.update({{"stages", 3}, {"network", "c5c3-64-w4"}});
  learn::MemoryReporter memory;
  run_federated(synthetic::bars().images, job, memory);
  const auto recorded = memory.notes.at("per_query");
  EXPECT_EQ(recorded.at("balance").size(), 2u);
  EXPECT_EQ(recorded.at("balance")[0], recorded.at("balance")[1]);
  EXPECT_NE(recorded.at("discrepancy")[0], recorded.at("discrepancy")[1]);
}

TEST(FairFal, AsksItsOwnModelAtThresholdOne) {
  const synthetic::Jobs jobs("fairfal-threshold");
  learn::MemoryReporter memory;
  run_federated(synthetic::bars().images, jobs.federated("fairfal", {{"threshold", 1.0}}), memory);
  EXPECT_EQ(memory.notes.at("per_query").at("clients_that_ask_the_global_model"), Json::parse("[0.0]"));
}

}  // namespace
}  // namespace assay::open_set_al
