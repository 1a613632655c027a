// The rules of EAOA and E2OAL and the pieces that they share, on numbers worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learn/neighbours.hpp"
#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

struct EaoaMargins {
  double weight = 0, known = 0, unknown = 0;
};
torch::Tensor eaoa_loss(const torch::Tensor& logits, const torch::Tensor& y, const EaoaMargins& margins);
torch::Tensor eaoa_epistemic(const torch::Tensor& scores, bool with_unknown);
torch::Tensor eaoa_weighted(const torch::Tensor& votes, const torch::Tensor& counts);
torch::Tensor eaoa_aleatoric(const torch::Tensor& logits);
enum class EaoaSide { kLow, kHigh };
std::vector<double> eaoa_posterior(const torch::Tensor& uncertainty, EaoaSide side);
struct EaoaControl {
  std::int64_t start = 0, step = 0;
  double tolerance = 0, target = 0;
};
std::int64_t eaoa_factor(const EaoaControl& control, const std::vector<double>& precisions);

torch::Tensor e2oal_loss(const torch::Tensor& primary, const torch::Tensor& auxiliary, const torch::Tensor& y,
                         double kl_weight, double gamma);
torch::Tensor e2oal_purity(const torch::Tensor& auxiliary, std::int64_t known_classes);
torch::Tensor e2oal_information(const torch::Tensor& p);
torch::Tensor e2oal_code_information(const torch::Tensor& p);
std::size_t e2oal_pool_size(const std::vector<double>& pi, std::size_t budget, double target);
std::size_t e2oal_code_pool_size(const std::vector<double>& pi, const std::vector<double>& information,
                                 std::size_t budget, double target);
double e2oal_target(double wanted, const std::vector<double>& precisions);
struct E2oalReading {
  std::vector<double> purity, pi, information;
  std::vector<std::int64_t> predicted, order;
};
std::vector<std::int64_t> e2oal_order(const std::vector<double>& pi, const std::vector<double>& purity);
std::vector<std::int64_t> e2oal_paper_query(const E2oalReading& reading, std::size_t budget, double target);
std::vector<std::int64_t> e2oal_code_query(const E2oalReading& reading, std::int64_t known_classes, std::size_t budget,
                                           double target, Stream draws);

namespace {

using Rows = std::vector<std::vector<double>>;
using Positions = std::vector<std::int64_t>;

torch::Tensor rows(const Rows& values) {
  std::vector<double> flat;
  for (const auto& row : values) flat.insert(flat.end(), row.begin(), row.end());
  return torch::tensor(flat, torch::kFloat64)
      .view({static_cast<std::int64_t>(values.size()), static_cast<std::int64_t>(values.front().size())});
}

torch::Tensor labels(const Positions& values) { return torch::tensor(values, torch::kInt64); }

torch::Tensor random_logits(std::int64_t n, std::int64_t classes) {
  Stream stream(11);
  auto o = torch::empty({n, classes}, torch::kFloat64);
  for (std::int64_t i = 0; i < o.numel(); ++i) o.data_ptr<double>()[i] = 3 * stream.normal();
  return o;
}

// --- EAOA

TEST(EaoaLoss, AddsSquaredExcessesOfTheEnergyToCrossEntropy) {
  // E = -lse(0, 0) = -log 2 for both rows; known wants E <= -2, unknown E >= 1.
  const auto o = rows({{0, 0, 1}, {0, 0, 1}});
  const auto y = labels({0, 2});
  const double ce = torch::nn::functional::cross_entropy(o, y).item<double>();
  const double known = std::pow(2 - std::log(2), 2), unknown = std::pow(1 + std::log(2), 2);
  EXPECT_NEAR(eaoa_loss(o, y, {.1, -2, 1}).item<double>(), ce + .1 * (known + unknown), 1e-12);
  EXPECT_NEAR(eaoa_loss(o, y, {.1, 0, -1}).item<double>(), ce, 1e-12) << "inside both margins";
}

TEST(EaoaLoss, CountsAnEmptyPartAsNothing) {
  const auto o = rows({{0, 0, 1}});
  const double ce = torch::nn::functional::cross_entropy(o, labels({0})).item<double>();
  EXPECT_NEAR(eaoa_loss(o, labels({0}), {.1, -2, 1}).item<double>(), ce + .1 * std::pow(2 - std::log(2), 2), 1e-12);
}

TEST(EaoaLoss, WithoutItsEnergyTermIsCrossEntropyBitForBit) {
  const auto o = random_logits(8, 4).to(torch::kFloat32);
  const auto y = labels({0, 1, 2, 3, 3, 0, 1, 2});
  const auto gradient = [&](const std::function<torch::Tensor(const torch::Tensor&)>& loss) {
    const auto leaf = o.clone().requires_grad_(true);
    loss(leaf).backward();
    return leaf.grad();
  };
  EXPECT_TRUE(gradient([&](const auto& leaf) {
                return eaoa_loss(leaf, y, {0, -25, -7});
              }).equal(gradient([&](const auto& leaf) { return torch::nn::functional::cross_entropy(leaf, y); })));
}

TEST(EaoaEpistemic, IsTheEnergyOfTheKnownPlusSoftplusOfTheUnknown) {
  EXPECT_NEAR(eaoa_epistemic(rows({{2, 1, 0, 0}}), true).item<double>(), -2.407606 + std::log(2), 1e-6);
  EXPECT_NEAR(eaoa_epistemic(rows({{2, 1, 0, 9}}), false).item<double>(), -2.407606, 1e-6);
  EXPECT_NEAR(eaoa_epistemic(rows({{0, 0, 1000}}), true).item<double>(), 1000 - std::log(2), 1e-9) << "no overflow";
  const auto o = random_logits(200, 4);
  const auto energy = learn::energy(o.narrow(1, 0, 3)), e1 = eaoa_epistemic(o, true);
  EXPECT_TRUE((e1 <= energy + std::log(2) + 1e-12).index({o.select(1, 3) <= 0}).all().item<bool>());
}

TEST(EaoaWeighted, VotesCountByTheRarityOfTheirClass) {
  const auto votes = rows({{4, 2, 6}});
  EXPECT_TRUE(eaoa_weighted(votes, labels({5, 5, 5})).equal(votes)) << "equal counts: weights 1";
  // mean of the known counts 3: 4 / (2/3), 2 / (4/3), 6 / (9/3)
  EXPECT_TRUE(eaoa_weighted(votes, labels({2, 4, 9})).allclose(rows({{6, 1.5, 2}})));
  EXPECT_EQ(eaoa_weighted(rows({{1, 0, 0}}), labels({4, 4, 0}))[0][2].item<double>(), 0) << "no unknown labelled yet";
}

TEST(EaoaVotes, OfALabelledImageSumToItsNumberOfNeighbours) {
  const auto votes =
      learn::reverse_neighbour_votes(random_logits(20, 3), random_logits(4, 3), labels({0, 1, 2, 0}), 3, 5);
  EXPECT_EQ(votes.sum().item<double>(), 4 * 5);
  EXPECT_EQ(votes.select(1, 0).sum().item<double>(), 2 * 5);
}

TEST(EaoaAleatoric, IsTheLogarithmOfLeastConfidence) {
  EXPECT_NEAR(eaoa_aleatoric(rows({{2, 1, 0}})).item<double>(), -1.094344, 1e-6);
  const auto o = random_logits(100, 5);
  EXPECT_TRUE(eaoa_aleatoric(o).allclose((1 - o.softmax(1).amax(1)).log(), 1e-6, 1e-6));
}

TEST(EaoaPosterior, IsOfTheComponentWithTheSmallerOrLargerMean) {
  const auto values = torch::tensor({0.0, .1, .2, 5.0, 5.1, 5.2}, torch::kFloat64);
  const auto low = eaoa_posterior(values, EaoaSide::kLow), high = eaoa_posterior(values, EaoaSide::kHigh);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(low[i], i < 3 ? 1 : 0, 1e-6);
    EXPECT_NEAR(low[i] + high[i], 1, 1e-9);
  }
}

TEST(EaoaFactor, FollowsTheTargetPrecision) {
  const EaoaControl control{5, 1, .05, .6};
  EXPECT_EQ(eaoa_factor(control, {}), 5);
  EXPECT_EQ(eaoa_factor(control, {.54}), 4);
  EXPECT_EQ(eaoa_factor(control, {.56}), 5);
  EXPECT_EQ(eaoa_factor(control, {.66}), 6);
  EXPECT_EQ(eaoa_factor({1, 1, .05, .6}, {.2}), 1);
  EXPECT_EQ(eaoa_factor(control, {.9, .9, .2}), 6);
}

// --- E2OAL

TEST(E2oalLoss, IsCrossEntropyOfTheKnownPlusTheEvidentialLossOfAll) {
  // Auxiliary head: alpha = (2, 2, 2), NLL = log 3; true class's evidence removed: alpha~ = (1, 2, 2) in some order.
  const auto primary = rows({{1, 0}, {5, -5}}), auxiliary = rows({{0, 0, 0}, {0, 0, 0}});
  const auto y = labels({0, 2});
  const double ce = std::log(1 + std::exp(-1));
  EXPECT_NEAR(e2oal_loss(primary, auxiliary, y, 0, 1).item<double>(), ce + std::log(3), 1e-6);
  // KL(Dir(1, 2, 2) || flat) = log(Gamma(5) / Gamma(3)) + 2 (digamma(2) - digamma(5)) = log 12 - 2 (1/2 + 1/3 + 1/4)
  const double kl = std::log(12) - 13 / 6.0;
  EXPECT_NEAR(e2oal_loss(primary, auxiliary, y, .5, 1).item<double>(), ce + std::log(3) + .5 * kl / 3, 1e-6);
  EXPECT_NEAR(e2oal_loss(primary, auxiliary, labels({2, 2}), 0, 1).item<double>(), std::log(3), 1e-6);
}

TEST(E2oalPurity, IsTheGapBetweenKnownAndUnknownLogits) {
  EXPECT_EQ(e2oal_purity(rows({{1, 3, 2, -1}}), 2).item<double>(), 1);
  EXPECT_EQ(e2oal_purity(rows({{1, 3}}), 2).item<double>(), 3) << "no unknown labelled yet: the largest logit";
}

torch::Tensor peaked(double largest, std::int64_t classes) {
  auto p = torch::full({1, classes}, (1 - largest) / static_cast<double>(classes - 1), torch::kFloat64);
  p[0][0] = largest;
  return p;
}

double information(double largest, std::int64_t classes) {
  return e2oal_information(peaked(largest, classes)).item<double>();
}

TEST(E2oalInformation, IsNothingAtBothEndsAndLargestBetween) {
  EXPECT_NEAR(information(.25, 4), 0, 1e-12);
  EXPECT_NEAR(information(.5, 4), .007298, 1e-6);
  EXPECT_NEAR(information(.7, 4), .012349, 1e-6);
  EXPECT_NEAR(information(.9, 4), .008567, 1e-6);
  EXPECT_NEAR(information(1, 4), 0, 1e-12);
}

TEST(E2oalInformation, PeaksWhereTheSpecificationSays) {
  const std::vector<std::pair<std::int64_t, double>> peaks{{2, .847}, {3, .779}, {4, .7384}, {10, .641}, {40, .558}};
  for (const auto& [classes, at] : peaks) {
    EXPECT_GT(information(at, classes), information(at - .003, classes)) << classes;
    EXPECT_GT(information(at, classes), information(at + .003, classes)) << classes;
  }
}

TEST(E2oalCodeInformation, IsAboutTenTimesLargerAndPeaksElsewhere) {
  const auto code = [](double largest, std::int64_t classes) {
    return e2oal_code_information(peaked(largest, classes)).item<double>();
  };
  EXPECT_NEAR(code(.7, 4), .127062, 1e-6);
  EXPECT_GT(code(.68, 10), code(.66, 10));
  EXPECT_GT(code(.68, 10), code(.70, 10));
}

TEST(E2oalPoolSize, GrowsWhileItsLastMembersAreLikelyKnown) {
  const std::vector<double> pi{1, .9, .7, .5, .3, .1};
  EXPECT_EQ(e2oal_pool_size(pi, 2, 1), 2u) << "target 1: the purest";
  EXPECT_EQ(e2oal_pool_size(pi, 2, 0), 6u) << "target 0: everything";
  EXPECT_EQ(e2oal_pool_size(pi, 2, .61), 4u) << "means .95, .8, .6";
  EXPECT_EQ(e2oal_pool_size(pi, 2, .75), 4u);
  EXPECT_EQ(e2oal_pool_size(pi, 10, .6), 6u) << "fewer than the budget";
}

TEST(E2oalCodePoolSize, LooksAtTheMostInformativeOfTheTop) {
  const std::vector<double> pi{1, 1, .9, .2, .1, .1}, falling{6, 5, 4, 3, 2, 1}, rising{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(e2oal_code_pool_size(pi, falling, 2, .6), 6u) << "the first two stay the most informative: sum 2 > 1.2";
  EXPECT_EQ(e2oal_code_pool_size(pi, rising, 2, .6), 3u) << "1.9, rounded down, is at most 1.2";
  EXPECT_EQ(e2oal_code_pool_size(pi, rising, 2, 0), 6u);
  EXPECT_EQ(e2oal_code_pool_size(pi, rising, 2, 1), 2u);
}

TEST(E2oalCodePoolSize, IsTheFirstThatTheDefinitionAllows) {
  Stream stream(2);
  std::vector<double> pi, information;
  for (int i = 0; i < 60; ++i) pi.push_back(stream.uniform()), information.push_back(stream.uniform());
  std::sort(pi.rbegin(), pi.rend());
  constexpr std::size_t kBudget = 8;
  for (const double target : {.2, .4, .6, .8}) {
    std::size_t size = kBudget;
    for (; size < pi.size(); ++size) {
      double sum = 0;
      for (const auto i : learn::top(std::span(information).first(size), kBudget)) {
        sum += pi[static_cast<std::size_t>(i)];
      }
      if (std::floor(sum) <= target * kBudget) break;
    }
    EXPECT_EQ(e2oal_code_pool_size(pi, information, kBudget, target), size) << target;
  }
}

TEST(E2oalTarget, MakesUpForTheLastPrecisionWithinBounds) {
  EXPECT_EQ(e2oal_target(.6, {}), .6);
  EXPECT_NEAR(e2oal_target(.6, {.48}), .72, 1e-12);
  EXPECT_NEAR(e2oal_target(.6, {.48, .70}), .62, 1e-12);
  EXPECT_EQ(e2oal_target(.6, {0, 0}), 1);
  EXPECT_EQ(e2oal_target(.6, {1, 1}), 0);
}

TEST(E2oalOrder, BreaksTiesOfThePosteriorByPurityThenId) {
  EXPECT_EQ(e2oal_order({1, .5, 1, 1}, {2, 9, 3, 2}), (Positions{2, 0, 3, 1}));
}

const E2oalReading kReading{
    {5, 4, 3, 2, 1, 0}, {1, .9, .8, .4, .2, .1}, {1, 6, 2, 5, 3, 4}, {0, 1, 0, 2, 1, 1}, {0, 1, 2, 3, 4, 5}};

TEST(E2oalPaperQuery, IsThePurestAtTargetOneAndTheMostInformativeAtZero) {
  EXPECT_EQ(e2oal_paper_query(kReading, 2, 1), (Positions{1, 0}));
  EXPECT_EQ(e2oal_paper_query(kReading, 2, 0), (Positions{1, 3}));
  EXPECT_EQ(e2oal_paper_query(kReading, 2, .9), (Positions{1, 2})) << "pool 0, 1, 2: the last two's mean is .85";
}

TEST(E2oalCodeQuery, NeverAsksForImagesPredictedAsAnUnknownCluster) {
  auto query = e2oal_code_query(kReading, 2, 4, 0, Stream(1));
  std::sort(query.begin(), query.end());
  EXPECT_EQ(query, (Positions{0, 1, 2, 5})) << "two of each class; 3 is predicted as cluster 2";
  EXPECT_EQ(e2oal_code_query(kReading, 2, 3, 0, Stream(1)).size(), 3u) << "cut to the budget";
}

}  // namespace

}  // namespace assay::open_set_al
