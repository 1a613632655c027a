// The rules of LfOSA, BUAL and DCFS, on numbers worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "learn/evidential.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

torch::Tensor lfosa_loss(const torch::Tensor& logits, const torch::Tensor& y, double t);
struct LfosaActivation {
  std::vector<std::int64_t> predicted;
  std::vector<double> largest, unknown;
};
LfosaActivation lfosa_activation(const torch::Tensor& logits);
std::vector<double> lfosa_scores(const LfosaActivation& activation, std::int64_t known_classes);
std::vector<std::int64_t> lfosa_order(const LfosaActivation& activation, const std::vector<double>& score,
                                      std::int64_t known_classes);

std::int64_t bual_complementary(std::int64_t label, std::int64_t classes, Stream& stream);
torch::Tensor bual_negative_loss(const torch::Tensor& logits, const torch::Tensor& complementary);
std::vector<double> bual_uncertainty(const torch::Tensor& p, const std::string& measure);
double bual_mixed(double q, double negative, double positive, double r);
struct BualEvidence {
  std::vector<double> negative, positive, q;
};
std::vector<double> bual_code_score(const BualEvidence& evidence, std::optional<double> r);
std::vector<double> bual_paper_score(const BualEvidence& evidence, std::optional<double> r);
bool bual_snapshot_due(std::int64_t done, std::int64_t steps, std::int64_t snapshots);

torch::Tensor dcfs_gap(const torch::Tensor& first, const torch::Tensor& second);
torch::Tensor dcfs_loss(const std::vector<torch::Tensor>& heads, const torch::Tensor& y, double anneal, double lambda);
std::vector<double> dcfs_uncertainty(const torch::Tensor& first, const torch::Tensor& second);
std::vector<std::int64_t> dcfs_chosen(const std::vector<double>& uncertainty, const std::vector<double>& gap,
                                      std::int64_t budget, double kappa);

namespace {

using Rows = std::vector<std::vector<double>>;
using Positions = std::vector<std::int64_t>;

torch::Tensor rows(const Rows& values) {
  std::vector<double> flat;
  for (const auto& row : values) flat.insert(flat.end(), row.begin(), row.end());
  return torch::tensor(flat, torch::kFloat64)
      .view({static_cast<std::int64_t>(values.size()), static_cast<std::int64_t>(values.front().size())});
}

torch::Tensor gradient(const torch::Tensor& logits, const std::function<torch::Tensor(const torch::Tensor&)>& loss) {
  const auto leaf = logits.clone().requires_grad_(true);
  loss(leaf).backward();
  return leaf.grad();
}

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

// --- LfOSA

TEST(LfosaLoss, IsCrossEntropyAtTemperatureOneAndHasTwiceItsGradientAtOneHalf) {
  const auto scaled = rows({{1, -0.5, 0.25}, {0, 2, -1}});
  const auto y = torch::tensor({0, 2}, torch::kInt64);
  const auto plain = [&](const torch::Tensor& o) { return torch::nn::functional::cross_entropy(o, y); };
  EXPECT_TRUE(lfosa_loss(scaled, y, 1).equal(plain(scaled)));
  const auto halved = gradient(scaled / 2, [&](const torch::Tensor& o) { return lfosa_loss(o, y, 0.5); });
  EXPECT_TRUE(halved.equal(2 * gradient(scaled, plain)));  // at equal scaled logits
}

TEST(LfosaActivation, IsTheLargestLogitOverAllOutputsWithoutTemperature) {
  const auto activation = lfosa_activation(rows({{2, 1, 0}, {0, 1, 3}}).to(torch::kFloat32));
  EXPECT_EQ(activation.predicted, (Positions{0, 2}));
  EXPECT_EQ(activation.largest, (std::vector<double>{2, 3}));
  EXPECT_NEAR(activation.unknown[0], 1 / (1 + std::exp(1) + std::exp(2)), 1e-12);
}

const LfosaActivation kActivation{
    {0, 0, 0, 0, 1, 2, 0, 2}, {1, 1.1, 5, 5.1, 9, 9, 0.9, 8}, {.1, .1, .1, .1, .1, .9, .1, .9}};

TEST(LfosaScores, ArePosteriorsWithinEachPredictedKnownClass) {
  const auto score = lfosa_scores(kActivation, 2);
  EXPECT_NEAR(score[2], 1, 1e-6);
  EXPECT_NEAR(score[3], 1, 1e-6);
  EXPECT_NEAR(score[0], 0, 1e-6);
  EXPECT_EQ(score[4], 0) << "alone in its class";
  EXPECT_EQ(score[5], 0) << "predicted unknown";
  for (const double s : score) EXPECT_TRUE(s >= 0 && s <= 1);
}

TEST(LfosaScores, DoNotChangeWhereAConstantIsAddedToAllLogitsOfAClass) {
  auto moved = kActivation;
  for (double& v : moved.largest) v += 2;
  const auto before = lfosa_scores(kActivation, 2), after = lfosa_scores(moved, 2);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-9);
}

TEST(LfosaOrder, TakesPredictedKnownFirstThenTheLargerActivationTheLessUnknownTheSmallerId) {
  const LfosaActivation equal{{2, 0, 0, 1, 0, 1}, {9, 3, 4, 4, 3, 3}, {.5, .2, .3, .1, .2, .1}};
  EXPECT_EQ(lfosa_order(equal, {1, 1, 1, 1, 1, 1}, 2), (Positions{3, 2, 5, 1, 4, 0}));
  EXPECT_EQ(lfosa_order(equal, {0, 0, 0, 0, .5, 0}, 2).front(), 4);
  EXPECT_THROW(lfosa_order(equal, std::vector<double>(6, std::nan("")), 2), NonFinite);
}

TEST(LfosaOrder, NeverPutsAPredictedUnknownBeforeAPredictedKnown) {
  const auto order = lfosa_order(kActivation, lfosa_scores(kActivation, 2), 2);
  EXPECT_EQ(order, (Positions{3, 2, 4, 1, 0, 6, 5, 7})) << "or the posteriors below are not exactly 0";
}

// --- BUAL

TEST(BualComplementary, NeverIsTheLabelAndIsUniformOverTheRest) {
  Stream stream(7);
  std::map<std::int64_t, int> labelled, unlabelled;
  constexpr int kDraws = 12000;
  for (int i = 0; i < kDraws; ++i) ++labelled[bual_complementary(1, 4, stream)];
  for (int i = 0; i < kDraws; ++i) ++unlabelled[bual_complementary(4, 4, stream)];
  EXPECT_EQ(labelled.count(1), 0u);
  for (const auto& [label, count] : labelled) EXPECT_NEAR(count, kDraws / 3.0, 200) << label;
  EXPECT_EQ(unlabelled.size(), 4u);
  for (const auto& [label, count] : unlabelled) EXPECT_NEAR(count, kDraws / 4.0, 200) << label;
}

TEST(BualComplementary, IsTheOtherOneOfTwoClasses) {
  Stream stream(7);
  EXPECT_EQ(bual_complementary(0, 2, stream), 1);
  EXPECT_EQ(bual_complementary(1, 2, stream), 0);
}

TEST(BualNegativeLoss, IsMinusLogOfOneLessTheProbabilityWithAFloor) {
  const auto logits = rows({{.2, .5, .3}}).log();
  EXPECT_NEAR(value(bual_negative_loss(logits, torch::tensor({0}, torch::kInt64))), 0.223144, 1e-6);
  const auto sure = rows({{100, 0, 0}});
  EXPECT_NEAR(value(bual_negative_loss(sure, torch::tensor({0}, torch::kInt64))), -std::log(1e-5), 1e-6);
}

TEST(BualUncertainty, HasThreeMeasures) {
  const auto p = rows({{.5, .3, .2}});
  EXPECT_NEAR(bual_uncertainty(p, "least-confidence")[0], .5, 1e-12);
  EXPECT_NEAR(bual_uncertainty(p, "margin")[0], .8, 1e-12);
  EXPECT_NEAR(bual_uncertainty(p, "entropy")[0], 1.0297, 1e-4) << "all classes, not the top one alone";
}

TEST(BualMixed, IsEquationThreeOfUncertaintiesAndTheCodeOfConfidences) {
  EXPECT_NEAR(bual_mixed(.9, .8, .8, .5), .76, 1e-12) << "Eq. 3 prefers the likely unknown";
  EXPECT_NEAR(bual_mixed(.1, .8, .8, .5), .44, 1e-12);
  EXPECT_NEAR(bual_mixed(.9, 1 - .8, 1 - .8, .5), .19, 1e-12) << "the code avoids it: smaller is queried";
  EXPECT_NEAR(bual_mixed(.1, 1 - .8, 1 - .8, .5), .11, 1e-12);
}

BualEvidence random_evidence(std::size_t n) {  // each part reaches from 0 to 1, so that scaling changes nothing
  Stream stream(3);
  BualEvidence evidence;
  for (auto* values : {&evidence.negative, &evidence.positive, &evidence.q}) {
    for (std::size_t i = 0; i < n; ++i) values->push_back(stream.uniform());
    *values = learn::minmax(*values);
  }
  return evidence;
}

TEST(BualScore, OfTheCodeIsEquationThreeLessAPenaltyOnLikelyUnknowns) {
  const auto evidence = random_evidence(50);
  const double r = 0.4;
  auto penalised = bual_paper_score(evidence, r);
  const auto code = bual_code_score(evidence, r);
  for (std::size_t i = 0; i < penalised.size(); ++i) {
    penalised[i] -= (1 - r) * evidence.q[i] + r;
    EXPECT_NEAR(code[i], penalised[i], 1e-12);
  }
  EXPECT_EQ(learn::top(code, 10), learn::top(penalised, 10));
}

TEST(BualScore, IsPlainUncertaintyWithoutUnknownsAndNegativeUncertaintyInTheFirstQuery) {
  auto evidence = random_evidence(30);
  const auto negative = learn::top(evidence.negative, 30), positive = learn::top(evidence.positive, 30);
  EXPECT_EQ(learn::top(bual_code_score(evidence, std::nullopt), 30), negative);
  EXPECT_EQ(learn::top(bual_paper_score(evidence, std::nullopt), 30), negative);
  evidence.q.assign(30, 0);
  EXPECT_EQ(learn::top(bual_code_score(evidence, 1), 30), positive);
  EXPECT_EQ(learn::top(bual_paper_score(evidence, 1), 30), positive);
}

TEST(BualSnapshots, AreEvenlySpacedAndTheLastIsAtTheEnd) {
  const auto due = [](std::int64_t steps, std::int64_t snapshots) {
    Positions at;
    for (std::int64_t done = 1; done <= steps; ++done) {
      if (bual_snapshot_due(done, steps, snapshots)) at.push_back(done);
    }
    return at;
  };
  EXPECT_EQ(due(160, 5), (Positions{32, 64, 96, 128, 160}));
  EXPECT_EQ(due(20, 1), (Positions{20}));
  EXPECT_EQ(due(7, 3), (Positions{3, 5, 7}));
  EXPECT_EQ(due(2, 5), (Positions{1, 2})) << "at most one a step";
}

// --- DCFS

torch::Tensor logits_of(const Rows& alpha) { return (rows(alpha) - 1).log(); }

TEST(DcfsGap, IsTheL1DistanceOfTheExpectedProbabilities) {
  // alpha = (3, 1 + 1) -> (.6, .4); (2, 2) -> (.5, .5)
  EXPECT_NEAR(value(dcfs_gap(logits_of({{3, 2}}), logits_of({{2, 2}}))), .2, 1e-12);
  const auto far = dcfs_gap(rows({{100, -100}}), rows({{-100, 100}}));
  EXPECT_LE(value(far), 2);
}

TEST(DcfsLoss, OfEqualHeadsWithoutLambdaIsTwiceThePlainEvidentialLoss) {
  const auto o = rows({{1, 0, -1}, {.5, 2, 0}});
  const auto y = torch::tensor({0, 1}, torch::kInt64);
  const auto alpha = learn::dirichlet(o);
  const auto plain = (learn::evidential_nll(alpha, y) + 0.5 * learn::misleading_kl(alpha, y) / 3).mean();
  EXPECT_NEAR(value(dcfs_loss({o, o}, y, 0.5, 0)), 2 * value(plain), 1e-12);
}

TEST(DcfsLoss, DrawsHeadsTogetherOnKnownAndApartOnUnknown) {
  const auto one = rows({{1, 0}}), two = rows({{0, 1}});
  const double gap = value(dcfs_gap(one, two));
  const auto term = [&](std::int64_t label) {
    const auto y = torch::tensor({label}, torch::kInt64);
    return value(dcfs_loss({one, two}, y, 1, 1)) - value(dcfs_loss({one, two}, y, 1, 0));
  };
  EXPECT_NEAR(term(0), gap, 1e-12);
  EXPECT_NEAR(term(2), -gap, 1e-12);
}

TEST(DcfsLoss, PullsUnknownToTheFlatDistributionByTheWholeEvidence) {
  const auto o = logits_of({{2, 3}}), y = torch::tensor({2}, torch::kInt64);
  const double kl = value(learn::dirichlet_kl(rows({{2, 3}})));
  EXPECT_NEAR(value(dcfs_loss({o, o}, y, 0.5, 0)), 2 * 0.5 * kl / 2, 1e-9);
  EXPECT_EQ(value(dcfs_loss({o, o}, y, 0, 0)), 0) << "not yet, at the start";
}

TEST(DcfsUncertainty, IsLeastForStrongEvidenceOfOneClass) {
  const auto o = logits_of({{101, 1 + 1e-4, 1 + 1e-4}, {11, 1 + 1e-4, 1 + 1e-4}, {1 + 1e-4, 1 + 1e-4, 1 + 1e-4}});
  const auto u = dcfs_uncertainty(o, o);
  EXPECT_EQ(u[0], 0);
  EXPECT_LT(u[0], u[1]);
  EXPECT_LT(u[1], u[2]);
  EXPECT_EQ(u[2], 2) << "both parts are the largest";
}

TEST(DcfsChosen, TakesTheLargestGapsOfTheLeastUncertain) {
  const std::vector<double> u{.1, .9, .2, .3, .4, .05}, gap{.5, 2, .1, .9, 1, .2};
  EXPECT_EQ(dcfs_chosen(u, gap, 2, 2), (Positions{3, 0})) << "coarse set 5, 0, 2, 3";
  EXPECT_EQ(dcfs_chosen(u, std::vector<double>(6, 0), 2, 2), (Positions{0, 2})) << "by id where the heads agree";
  EXPECT_EQ(dcfs_chosen(u, gap, 2, 100), (Positions{1, 4})) << "all of them, if kappa b is more";
}

}  // namespace

}  // namespace assay::open_set_al
