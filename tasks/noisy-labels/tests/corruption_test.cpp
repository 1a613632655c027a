#include "noisy-labels/corruption.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/errors.hpp"
#include "core/hash.hpp"

namespace assay::noisy_labels {
namespace {

Labels balanced(std::int64_t classes, std::int64_t each) {
  Labels labels;
  for (std::int64_t n = 0; n < each; ++n) {
    for (std::int64_t c = 0; c < classes; ++c) labels.push_back(c);
  }
  return labels;
}

const std::vector<std::pair<std::int64_t, std::int64_t>> kCifarPairs{{9, 1}, {2, 0}, {4, 7}, {3, 5}, {5, 3}};

TEST(Transition, RowsAreDistributions) {
  const std::vector<Matrix> all{symmetric(10, 0.4), symmetric_inclusive(10, 0.4), pair_flip(10, 0.45),
                                asymmetric(10, 0.4, kCifarPairs),
                                open_classes({0, -1, 1, 2, 3, 4, 5, 6, -1, 7}, symmetric(8, 0.25))};
  for (const auto& matrix : all) {
    for (const auto& row : matrix) {
      EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-12);
      for (const double p : row) EXPECT_GE(p, 0);
    }
  }
}

TEST(Transition, GivesTheDeclaredValues) {
  EXPECT_NEAR(symmetric(10, 0.4)[3][3], 0.6, 1e-12);
  EXPECT_NEAR(symmetric(10, 0.4)[3][4], 0.4 / 9, 1e-12);
  EXPECT_NEAR(symmetric_inclusive(10, 0.4)[3][3], 0.64, 1e-12);
  EXPECT_NEAR(symmetric_inclusive(10, 0.4)[3][4], 0.04, 1e-12);
  EXPECT_EQ(pair_flip(10, 0.45)[9][0], 0.45);
  EXPECT_EQ(open_classes({0, -1}, {{1.0}})[1][0], 1.0);
}

TEST(Transition, RateZeroIsTheIdentity) {
  for (const auto& matrix : {symmetric(3, 0), symmetric_inclusive(3, 0), pair_flip(3, 0), asymmetric(3, 0, {{0, 1}})}) {
    EXPECT_EQ(matrix, (Matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));
  }
}

TEST(Transition, PairFlipKeepsTheRightClassInTheMajority) { EXPECT_THROW(pair_flip(10, 0.5), DeclarationError); }

TEST(ExactSampling, GivesOutTheLargestRemainders) {
  const auto seven = counted(Labels(7, 0), draw_labels(Labels(7, 0), {{0.6, 0.4}}, Sampling::kExact, Stream(1)), 1, 2);
  EXPECT_NEAR(seven[0][0] * 7, 4, 1e-9);
  const Labels zeros(500, 0);
  const auto given = draw_labels(zeros, symmetric(10, 0.4), Sampling::kExact, Stream(1));
  std::vector<int> counts(10, 0);
  for (const auto label : given) ++counts[static_cast<std::size_t>(label)];
  EXPECT_EQ(counts, (std::vector<int>{300, 23, 23, 22, 22, 22, 22, 22, 22, 22}));
}

TEST(IndependentSampling, AgreesWithTheMatrixWithinFiveStandardErrors) {
  const auto labels = balanced(10, 5000);
  const auto matrix = symmetric(10, 0.4);
  const auto seen = counted(labels, draw_labels(labels, matrix, Sampling::kIndependent, Stream(3)), 10, 10);
  for (std::size_t i = 0; i < 10; ++i) {
    for (std::size_t j = 0; j < 10; ++j) {
      EXPECT_NEAR(seen[i][j], matrix[i][j], 5 * std::sqrt(matrix[i][j] * (1 - matrix[i][j]) / 5000));
    }
  }
}

// A generator that flips cats to dogs and then dogs to cats in place gives 0.24 and an overall rate of 0.184.
TEST(AsymmetricNoise, DrawsAllRowsFromTheCleanLabels) {
  const auto labels = balanced(10, 1000);
  const auto given = draw_labels(labels, asymmetric(10, 0.4, kCifarPairs), Sampling::kExact, Stream(4));
  const auto seen = counted(labels, given, 10, 10);
  EXPECT_NEAR(seen[3][5], 0.4, 1e-12);
  EXPECT_NEAR(seen[5][3], 0.4, 1e-12);
  std::size_t wrong = 0;
  for (std::size_t n = 0; n < labels.size(); ++n) wrong += labels[n] != given[n];
  EXPECT_EQ(wrong, 2000u);
}

TEST(PairFlip, ChangesToTheNextClassOnly) {
  const auto labels = balanced(10, 100);
  const auto given = draw_labels(labels, pair_flip(10, 0.45), Sampling::kIndependent, Stream(5));
  for (std::size_t n = 0; n < labels.size(); ++n) {
    EXPECT_TRUE(given[n] == labels[n] || given[n] == (labels[n] + 1) % 10);
  }
}

TEST(OpenClasses, GiveKnownLabelsOnly) {
  const Labels known{0, -1, 1, 2, 3, 4, 5, 6, -1, 7};
  const auto labels = balanced(10, 200);
  const auto given = draw_labels(labels, open_classes(known, symmetric(8, 0.25)), Sampling::kExact, Stream(6));
  const auto seen = counted(labels, given, 10, 8);
  EXPECT_NEAR(seen[1][0], 1.0 / 8, 1e-12);
  EXPECT_NEAR(seen[9][7], 0.75, 1e-12);
}

TEST(InstanceNoise, FlipRatesHaveTheirTruncatedMean) {
  const std::vector<std::pair<double, double>> listed{
      {0.1, 0.1288}, {0.2, 0.2055}, {0.4, 0.4}, {0.6, 0.6}, {0.8, 0.7945}};
  for (const auto& [rate, mean] : listed) EXPECT_NEAR(mean_flip_rate(rate), mean, 5e-5) << rate;
  const auto noise = instance_noise(torch::zeros({50000, 1}), Labels(50000, 0), 2, 0.1, Streams(0));
  const double drawn = std::accumulate(noise.flip_rate.begin(), noise.flip_rate.end(), 0.0) / 50000;
  EXPECT_NEAR(drawn, 0.1288, 0.002);
}

TEST(InstanceNoise, FollowsTheImageWithinAClass) {
  const auto images = torch::arange(12).reshape({4, 3}).to(torch::kFloat32) / 10;
  const Labels labels{0, 1, 0, 1};
  const auto swapped = images.index_select(0, torch::tensor({2, 1, 0, 3}));
  const auto before = instance_noise(images, labels, 3, 0.4, Streams(1));
  const auto after = instance_noise(swapped, labels, 3, 0.4, Streams(1));
  const auto wrong_part = [](const InstanceNoise& noise, std::int64_t n) {
    return noise.probability[n].narrow(0, 1, 2) / noise.flip_rate[static_cast<std::size_t>(n)];
  };
  EXPECT_TRUE(torch::allclose(before.probability.sum(1), torch::ones({4}, torch::kFloat64)));
  EXPECT_TRUE(torch::allclose(wrong_part(before, 0), wrong_part(after, 2)));
  EXPECT_TRUE(torch::equal(before.probability[1], after.probability[1]));
}

// The labels of one seed on any platform.
TEST(Sampling, RepeatsItsLabels) {
  const auto labels = balanced(10, 100);
  std::string text;
  for (const auto& matrix : {symmetric(10, 0.4), pair_flip(10, 0.45), asymmetric(10, 0.4, kCifarPairs)}) {
    for (const auto sampling : {Sampling::kExact, Sampling::kIndependent}) {
      for (const auto label : draw_labels(labels, matrix, sampling, Streams(0).stream("corruption"))) {
        text += std::to_string(label);
      }
    }
  }
  EXPECT_EQ(sha256(text).substr(0, 16), "361f5618d436d200");
}

}  // namespace
}  // namespace assay::noisy_labels
