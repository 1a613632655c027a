// Gradient embeddings and nearest neighbours, against what they factor or spare.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/streams.hpp"
#include "learn/gradient_embedding.hpp"
#include "learn/neighbours.hpp"

namespace assay::learn {
namespace {

torch::Tensor normal_rows(std::int64_t n, std::int64_t d, Stream& stream) {
  auto rows = torch::empty({n, d}, torch::kFloat64);
  for (std::int64_t i = 0; i < n * d; ++i) rows.data_ptr<double>()[i] = stream.normal();
  return rows;
}

double value(const torch::Tensor& one) { return one.item<double>(); }

torch::Tensor whole(const GradientEmbedding& g) { return (g.error.unsqueeze(2) * g.features.unsqueeze(1)).flatten(1); }

TEST(GradientEmbedding, OfOneExample) {
  const auto g = gradient_embedding(torch::tensor({{.7, .3}}, torch::kFloat64), torch::tensor({{1., 2.}}));
  EXPECT_NEAR(value(g.error[0][0]), .3, 1e-12);
  EXPECT_NEAR(value(g.error[0][1]), -.3, 1e-12);
  EXPECT_NEAR(value(g.norm), .9, 1e-12);
}

TEST(GradientEmbedding, IsAtTheLabelsGivenAndTakesABias) {
  const auto g = gradient_embedding(torch::tensor({{.7, .3}}, torch::kFloat64), torch::tensor({{1., 2.}}),
                                    torch::tensor({1}, torch::kInt64), /*bias=*/true);
  EXPECT_NEAR(value(g.error[0][0]), -.7, 1e-12);
  EXPECT_NEAR(value(g.error[0][1]), .7, 1e-12);
  EXPECT_TRUE(g.features.equal(torch::tensor({{1., 2., 1.}}, torch::kFloat64)));
  EXPECT_NEAR(value(g.norm), .98 * 6, 1e-12);
}

TEST(GradientEmbedding, IsTheNegativeGradientOfCrossEntropyInTheLastLayer) {
  Stream stream(1);
  const auto z = normal_rows(1, 4, stream);
  auto weight = normal_rows(3, 4, stream).requires_grad_();
  const auto logits = torch::matmul(z, weight.t()), p = logits.softmax(1);
  torch::cross_entropy_loss(logits, p.argmax(1)).backward();
  EXPECT_TRUE(whole(gradient_embedding(p, z)).allclose(-weight.grad().reshape({1, -1}), 1e-12, 1e-12));
}

TEST(GradientEmbedding, DistancesAndCosinesAreThoseOfTheOuterProducts) {
  Stream stream(2);
  for (const bool bias : {false, true}) {
    const auto make = [&](std::int64_t n) {
      return gradient_embedding(normal_rows(n, 5, stream).softmax(1), normal_rows(n, 7, stream), {}, bias);
    };
    const auto g = make(12), h = make(9);
    const auto a = whole(g), b = whole(h);
    const auto explicit_distance = (a.unsqueeze(1) - b.unsqueeze(0)).square().sum(2);
    EXPECT_TRUE(squared_distances(g, h).allclose(explicit_distance, 0, 1e-12));
    EXPECT_TRUE(cosines(g, h).allclose(torch::matmul(normalised(a), normalised(b).t()), 0, 1e-12));
    EXPECT_TRUE(g.norm.allclose(a.square().sum(1), 0, 1e-12));
  }
}

TEST(GradientEmbedding, EqualExamplesHaveDistanceZero) {
  Stream stream(3);
  const auto p = normal_rows(30, 10, stream).softmax(1), z = 100 * normal_rows(30, 64, stream);
  const auto g = gradient_embedding(p, z);
  const auto distance = squared_distances(g, g);
  EXPECT_EQ(value(distance.diagonal().abs().max()), 0);
  EXPECT_GE(value(distance.min()), 0);
}

TEST(GradientEmbedding, RowsAreThoseOfTheWhole) {
  Stream stream(4);
  const auto g = gradient_embedding(normal_rows(6, 3, stream).softmax(1), normal_rows(6, 2, stream));
  const auto index = torch::tensor({4, 1}, torch::kInt64);
  EXPECT_TRUE(whole(g.rows(index)).equal(whole(g).index_select(0, index)));
  EXPECT_TRUE(g.rows(index).norm.equal(g.norm.index_select(0, index)));
}

TEST(GradientEmbedding, CosineOfNothingIsZeroAndOfTinyGradientsIsNot) {
  const auto p = torch::tensor({{1., 0.}, {1 - 1e-12, 1e-12}}, torch::kFloat64);
  const auto g = gradient_embedding(p, torch::tensor({{1., 0.}, {1e-90, 0.}}, torch::kFloat64));
  const auto cosine = cosines(g, g);
  EXPECT_EQ(value(cosine[0][0]), 0);
  EXPECT_EQ(value(cosine[0][1]), 0);
  EXPECT_NEAR(value(cosine[1][1]), 1, 1e-12);
}

// --- Neighbours

TEST(Normalised, LeavesZeroRowsZero) {
  EXPECT_TRUE(normalised(torch::tensor({{3., 4.}, {0., 0.}}))
                  .allclose(torch::tensor({{.6, .8}, {0., 0.}}, torch::kFloat64), 0, 1e-15));
}

TEST(LargestCosine, IsThatOfTheNearestDirection) {
  const auto a = torch::tensor({{1., 0.}, {1., 1.}, {0., 0.}}), b = torch::tensor({{5., 0.}, {0., -2.}});
  EXPECT_TRUE(largest_cosine(a, b).allclose(torch::tensor({1., std::sqrt(.5), 0.}, torch::kFloat64), 0, 1e-12));
}

TEST(LargestCosine, DoesNotDependOnBlocks) {  // 2200 x 2200 takes two
  Stream stream(5);
  const auto a = normal_rows(2200, 3, stream), b = normal_rows(2200, 3, stream);
  const auto expected = torch::matmul(normalised(a), normalised(b).t()).amax(1);
  EXPECT_TRUE(largest_cosine(a, b).allclose(expected, 0, 1e-12));
}

TEST(ReverseNeighbourVotes, GoToTheNearestCandidates) {
  const auto candidates = torch::tensor({{1., 0.}, {2., 1.}, {0., 1.}});
  const auto voters = torch::tensor({{1., .1}, {.1, 1.}});
  const auto votes = reverse_neighbour_votes(candidates, voters, torch::tensor({2, 0}, torch::kInt64), 3, 2);
  EXPECT_TRUE(votes.equal(torch::tensor({{0., 0., 1.}, {1., 0., 1.}, {1., 0., 0.}}, torch::kFloat64)));
}

TEST(ReverseNeighbourVotes, BreakTiesByRowAndTakeAllWhereThereAreFewer) {
  const auto equal = torch::tensor({{1., 0.}, {2., 0.}, {4., 0.}}), voter = torch::tensor({{8., 0.}});
  const auto label = torch::tensor({0}, torch::kInt64);
  EXPECT_TRUE(
      reverse_neighbour_votes(equal, voter, label, 1, 2).equal(torch::tensor({{1.}, {1.}, {0.}}, torch::kFloat64)));
  EXPECT_TRUE(reverse_neighbour_votes(equal, voter, label, 1, 9).equal(torch::ones({3, 1}, torch::kFloat64)));
}

TEST(ReverseNeighbourVotes, AreThoseOfANaiveLoop) {
  Stream stream(6);
  const std::int64_t n = 40, m = 15, k = 6, labels = 4;
  const auto candidates = normal_rows(n, 5, stream), voters = normal_rows(m, 5, stream);
  auto label = torch::empty({m}, torch::kInt64);
  auto naive = torch::zeros({n, labels}, torch::kFloat64);
  for (std::int64_t l = 0; l < m; ++l) {
    label[l] = static_cast<std::int64_t>(stream.below(labels));
    std::vector<std::pair<double, std::int64_t>> order;
    for (std::int64_t u = 0; u < n; ++u) {
      const auto dot = (candidates[u] * voters[l]).sum() / candidates[u].norm() / voters[l].norm();
      order.emplace_back(-dot.item<double>(), u);
    }
    std::sort(order.begin(), order.end());
    for (std::int64_t i = 0; i < k; ++i)
      naive[order[static_cast<std::size_t>(i)].second][label[l].item<std::int64_t>()] += 1;
  }
  EXPECT_TRUE(reverse_neighbour_votes(candidates, voters, label, labels, k).equal(naive));
}

TEST(NearestByL1, OrdersByDistanceThenIndexAndLeavesOutTheRowItself) {
  const auto nearest = nearest_by_l1(torch::tensor({{0., 0.}, {1., 1.}, {2., 0.}, {0., 0.}}), 2);
  EXPECT_TRUE(nearest.index.equal(torch::tensor({3, 1, 0, 2, 0, 1, 0, 1}, torch::kInt64).view({4, 2})));
  EXPECT_TRUE(nearest.distance.equal(torch::tensor({0.f, 2.f, 2.f, 2.f, 2.f, 2.f, 0.f, 2.f}).view({4, 2})));
}

TEST(NearestByL1, DoesNotDependOnBlocks) {  // 2200 x 2200 takes two
  const auto nearest = nearest_by_l1(torch::arange(2200, torch::kFloat32).unsqueeze(1), 2);
  const auto inner = torch::arange(1, 2199, torch::kInt64);
  EXPECT_TRUE(nearest.index.narrow(0, 1, 2198).equal(torch::stack({inner - 1, inner + 1}, 1)));
  EXPECT_EQ(nearest.index[2199][1].item<std::int64_t>(), 2197);
}

TEST(NearestByL1, IsAllOtherRowsWhereThereAreFewer) {
  EXPECT_TRUE(nearest_by_l1(torch::tensor({{0.}, {1.}}), 5).index.equal(torch::tensor({{1}, {0}}, torch::kInt64)));
}

}  // namespace
}  // namespace assay::learn
