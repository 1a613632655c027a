// Losses of methods that compare features, on numbers worked out by hand and against plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor rkd_distance_loss(const torch::Tensor& student, const torch::Tensor& teacher);
torch::Tensor rkd_cosines(const torch::Tensor& g);
torch::Tensor rkd_angle_loss(const torch::Tensor& student, const torch::Tensor& teacher);
torch::Tensor pkt_neighbours(const torch::Tensor& g);
torch::Tensor pkt_loss(const torch::Tensor& student, const torch::Tensor& teacher);
torch::nn::Sequential fitnet_regressor(const std::array<std::int64_t, 3>& from, const std::array<std::int64_t, 3>& to);
torch::Tensor fitnet_loss(const torch::Tensor& regressed, const torch::Tensor& teacher);
torch::Tensor reviewkd_resized(const torch::Tensor& map, std::int64_t height, std::int64_t width);
torch::Tensor reviewkd_bins(std::int64_t l, std::int64_t side, const torch::TensorOptions& options);
torch::Tensor reviewkd_level_loss(const torch::Tensor& student, const torch::Tensor& teacher);
double reviewkd_ramp(std::int64_t epoch, std::int64_t ramp);

namespace {

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

torch::Tensor normals(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  Stream draws(seed);
  auto values = torch::empty(sizes, torch::kFloat64);
  for (std::int64_t i = 0; i < values.numel(); ++i) values.data_ptr<double>()[i] = draws.normal();
  return values;
}

torch::Tensor column(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64).unsqueeze(1); }

double huber(double d) { return std::abs(d) < 1 ? d * d / 2 : std::abs(d) - 0.5; }

bool finite(const torch::Tensor& values) { return torch::isfinite(values).all().item<bool>(); }

template <typename Loss>
torch::Tensor slope(const Loss& loss, const torch::Tensor& at, const torch::Tensor& teacher) {
  auto student = at.clone().requires_grad_();
  return torch::autograd::grad({loss(student, teacher)}, {student})[0];
}

// --- rkd

TEST(Rkd, IsAsOnTheExample) {
  const auto student = column({0, 1, 2}), teacher = column({0, 1, 3});
  EXPECT_NEAR(value(rkd_distance_loss(student, teacher)), .0138889, 1e-7);
  EXPECT_NEAR(3 * value(rkd_distance_loss(student, teacher)), .0416667, 1e-7);  // L2D divides by B once
  EXPECT_EQ(value(rkd_angle_loss(student, teacher)), 0);                        // on a line all angles are 0 or 180
}

TEST(Rkd, EqualsTheSumsOfThePaper) {
  const auto student = normals({6, 3}, 1), teacher = normals({6, 5}, 2);
  const auto distance = [](const torch::Tensor& g, int i, int j) { return value((g[i] - g[j]).norm()); };
  const auto mean = [&](const torch::Tensor& g) {
    double sum = 0;
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j < 6; ++j) sum += distance(g, i, j);
    }
    return sum / 30;
  };
  const auto cosine = [](const torch::Tensor& g, int i, int j, int k) {
    const auto a = g[i] - g[j], b = g[i] - g[k];
    return i == j || i == k ? 0 : value((a * b).sum() / (a.norm() * b.norm()));
  };
  double distances = 0, angles = 0;
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) {
      distances += huber(distance(student, i, j) / mean(student) - distance(teacher, i, j) / mean(teacher));
      for (int k = 0; k < 6; ++k) angles += huber(cosine(student, i, j, k) - cosine(teacher, i, j, k));
    }
  }
  EXPECT_NEAR(value(rkd_distance_loss(student, teacher)), distances / 36, 1e-9);
  EXPECT_NEAR(value(rkd_angle_loss(student, teacher)), angles / 216, 1e-9);
}

TEST(Rkd, DoesNotSeeScaleRotationAndOrder) {
  const auto teacher = normals({6, 4}, 3), student = normals({6, 4}, 4);
  const auto rotation = std::get<0>(torch::linalg_qr(normals({4, 4}, 5)));
  const auto order = torch::tensor({4, 2, 0, 5, 1, 3});
  for (const auto& loss : {rkd_distance_loss, rkd_angle_loss}) {
    EXPECT_NEAR(value(loss(.3 * torch::mm(student, rotation), teacher)), value(loss(student, teacher)), 1e-9);
    EXPECT_NEAR(value(loss(student.index_select(0, order), teacher.index_select(0, order))),
                value(loss(student, teacher)), 1e-9);
    EXPECT_NEAR(value(loss(teacher, teacher)), 0, 1e-12);
  }
}

TEST(Rkd, HasFiniteGradientsWhereRowsCoincide) {
  const auto teacher = normals({4, 3}, 6).to(torch::kFloat32);
  auto doubled = teacher.clone();
  doubled[2] = doubled[0];
  for (const auto& loss : {rkd_distance_loss, rkd_angle_loss}) {
    for (const auto& student : {doubled, torch::ones({4, 3}), torch::zeros({4, 3})}) {
      EXPECT_TRUE(finite(slope(loss, student, teacher)));
    }
    EXPECT_LT(value(slope(loss, doubled, teacher).abs().max()), 10);
    EXPECT_EQ(value(loss(teacher.narrow(0, 0, 1), teacher.narrow(0, 1, 1))), 0);  // a batch of one
    EXPECT_TRUE(finite(slope(loss, teacher.narrow(0, 0, 2), teacher.narrow(0, 1, 2))));
  }
}

// --- pkt

TEST(Pkt, IsAsOnTheExample) {
  const auto student = torch::eye(2, torch::kFloat64), teacher = torch::tensor({{1., 0.}, {1., 0.}}, torch::kFloat64);
  EXPECT_NEAR(value(pkt_neighbours(student)[0][0]), 2. / 3, 1e-6);
  EXPECT_NEAR(value(pkt_loss(student, teacher)), .0294458, 1e-6);
}

TEST(Pkt, EqualsTheSumsOfThePaper) {
  const auto student = normals({5, 3}, 7), teacher = normals({5, 4}, 8);
  const auto similar = [](const torch::Tensor& g, int i, int j) {
    return value((g[i] * g[j]).sum() / ((g[i].norm() + 1e-7) * (g[j].norm() + 1e-7)) + 1) / 2;
  };
  const auto share = [&](const torch::Tensor& g, int i, int j) {
    double sum = 0;
    for (int k = 0; k < 5; ++k) sum += similar(g, i, k);
    return similar(g, i, j) / sum;
  };
  double loss = 0;
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 5; ++j) {
      const double p = share(teacher, i, j);
      loss += p * std::log((p + 1e-7) / (share(student, i, j) + 1e-7));
    }
  }
  EXPECT_NEAR(value(pkt_loss(student, teacher)), loss / 25, 1e-9);
}

TEST(Pkt, DoesNotSeeTheLengthsOfRowsAndTheirOrder) {
  const auto student = normals({5, 3}, 9), teacher = normals({5, 4}, 10);
  const auto order = torch::tensor({4, 2, 0, 1, 3});
  EXPECT_NEAR(value(pkt_loss(student * column({1, 2, .5, 7, 3}), teacher)), value(pkt_loss(student, teacher)), 1e-6);
  EXPECT_NEAR(value(pkt_loss(student.index_select(0, order), teacher.index_select(0, order))),
              value(pkt_loss(student, teacher)), 1e-12);
  EXPECT_NEAR(value(pkt_loss(teacher, teacher)), 0, 1e-12);
}

TEST(Pkt, HasFiniteGradientsWhereFeaturesAreZero) {
  const auto teacher = normals({4, 3}, 11).to(torch::kFloat32);
  EXPECT_TRUE(finite(slope(pkt_loss, torch::zeros({4, 3}), teacher)));
  EXPECT_TRUE(finite(slope(pkt_loss, teacher, torch::zeros({4, 3}))));
  EXPECT_NEAR(value(pkt_loss(teacher.narrow(0, 0, 1), teacher.narrow(0, 1, 1))), 0, 1e-6);  // a batch of one
}

// --- fitnet

TEST(Fitnet, WithTheIdentityAsRegressorEqualMapsCostNothing) {
  auto regressor = fitnet_regressor({3, 4, 4}, {3, 4, 4});
  {
    torch::NoGradGuard no_grad;
    for (auto& parameter : regressor->named_parameters()) {
      if (parameter.key() == "0.weight") parameter.value().copy_(torch::eye(3).view({3, 3, 1, 1}));
      if (parameter.key() == "1.weight") parameter.value().fill_(std::sqrt(1 + 1e-5));
    }
  }
  regressor->eval();
  const auto map = normals({2, 3, 4, 4}, 12).to(torch::kFloat32).relu();
  EXPECT_NEAR(value(fitnet_loss(regressor->forward(map), map)), 0, 1e-10);
  EXPECT_NEAR(value(fitnet_loss(regressor->forward(map), map + 2)), 4, 1e-4);
}

TEST(Fitnet, HalvesMapsOfTwiceTheSideAndRefusesOthers) {
  EXPECT_EQ(fitnet_regressor({3, 8, 8}, {5, 4, 4})->forward(torch::zeros({2, 3, 8, 8})).sizes(),
            (torch::IntArrayRef{2, 5, 4, 4}));
  EXPECT_THROW(fitnet_regressor({3, 6, 6}, {5, 4, 4}), DeclarationError);
  EXPECT_THROW(fitnet_regressor({3, 8, 4}, {5, 4, 4}), DeclarationError);
}

// --- reviewkd

TEST(ReviewKd, OfAConstantOffsetIsItsSquare) {
  for (const std::int64_t side : {1, 2, 3, 4, 7, 8}) {
    const auto map = normals({2, 3, side, side}, 13);
    EXPECT_NEAR(value(reviewkd_level_loss(map + .5, map)), .25, 1e-9) << side;
    EXPECT_EQ(value(reviewkd_level_loss(map, map)), 0);
  }
}

// A difference whose means over all bins vanish is seen at the full scale only.
TEST(ReviewKd, DividesByTheWeightsOfItsScales) {
  const auto checks = [](std::int64_t side) {
    const auto signs = 1 - 2 * torch::arange(side, torch::kFloat64).remainder(2);
    return (signs.unsqueeze(0) * signs.unsqueeze(1)).view({1, 1, side, side});
  };
  const auto loss = [](const torch::Tensor& difference) {
    return value(reviewkd_level_loss(difference, torch::zeros_like(difference)));
  };
  EXPECT_NEAR(loss(checks(8)), 1 / 1.875, 1e-9);  // 1 + 1/2 + 1/4 + 1/8
  EXPECT_NEAR(loss(checks(4)), 1 / 1.75, 1e-9);   // the weights move up: 1 + 1/2 + 1/4
  EXPECT_NEAR(loss(checks(1)), 1, 1e-9);
}

TEST(ReviewKd, AveragesAsAdaptivePoolingDoes) {
  const auto map = normals({2, 3, 7, 8}, 14);
  for (const std::int64_t l : {4, 2, 1}) {
    const auto down = reviewkd_bins(l, 7, map.options()), across = reviewkd_bins(l, 8, map.options());
    EXPECT_TRUE(torch::allclose(torch::matmul(down, torch::matmul(map, across.t())),
                                torch::adaptive_avg_pool2d(map, {l, l}), 1e-6, 1e-6));
  }
}

TEST(ReviewKd, ResizesToTheNearest) {
  const auto map = torch::tensor({1., 2., 3., 4.}, torch::kFloat64).view({1, 1, 2, 2});
  const auto doubled = reviewkd_resized(map, 4, 4);
  EXPECT_TRUE(torch::equal(doubled[0][0][1], torch::tensor({1., 1., 2., 2.}, torch::kFloat64)));
  EXPECT_TRUE(torch::equal(doubled[0][0][2], torch::tensor({3., 3., 4., 4.}, torch::kFloat64)));
  EXPECT_TRUE(torch::equal(reviewkd_resized(doubled, 2, 2), map));
}

TEST(ReviewKd, GrowsFromNothing) {
  EXPECT_EQ(reviewkd_ramp(0, 2), 0);
  EXPECT_EQ(reviewkd_ramp(1, 2), .5);
  EXPECT_EQ(reviewkd_ramp(2, 2), 1);
  EXPECT_EQ(reviewkd_ramp(5, 2), 1);
  EXPECT_EQ(reviewkd_ramp(0, 0), 1);
}

}  // namespace
}  // namespace assay::multi_label_kd
