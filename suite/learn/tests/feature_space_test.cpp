// Features that need no labels: histograms of gradients, principal axes, contrastive training.
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "learn/contrastive.hpp"
#include "learn/determinism.hpp"
#include "learn/hog.hpp"

namespace assay::learn {
namespace {

torch::Tensor random_bytes(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  const auto bytes = torch::empty(sizes, torch::kUInt8);
  Stream stream(seed);
  for (std::int64_t i = 0; i < bytes.numel(); ++i) {
    bytes.data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(stream.below(256));
  }
  return bytes;
}

torch::Tensor random_rows(std::int64_t n, std::int64_t d, std::uint64_t seed) {
  const auto rows = torch::empty({n, d});
  Stream stream(seed);
  for (std::int64_t i = 0; i < n * d; ++i) rows.data_ptr<float>()[i] = static_cast<float>(stream.normal());
  return rows;
}

// ---- histograms of oriented gradients -------------------------------------------------------------------------------

// Columns 0 0 v v. In units of v, (right, down) of the rows' second to fourth pixels: (1,0) (1,1) (-1,1) in the first row,
// (1,0) (1,0) (-1,0) twice, (1,0) (1,-1) (-1,-1) in the last. So bin 0 has 8, bins 2 and 6 (45 and 135 degrees) have
// 2 sqrt 2 each; of normalised, rooted, normalised votes v the result is sqrt(v / sum).
TEST(Hog, GradientsOfAnEdgeAsWorkedByHand) {
  const auto image = torch::tensor({0, 0, 9, 9}, torch::kUInt8).expand({1, 1, 4, 4});
  const auto histogram = oriented_histograms(image);
  ASSERT_EQ(histogram.sizes(), (std::vector<std::int64_t>{1, 8}));
  const double diagonal = 2 * std::numbers::sqrt2, sum = 8 + 2 * diagonal;
  const double expected[] = {std::sqrt(8 / sum), 0, std::sqrt(diagonal / sum), 0, 0, 0, std::sqrt(diagonal / sum), 0};
  for (int bin = 0; bin < 8; ++bin) EXPECT_NEAR(histogram[0][bin].item<double>(), expected[bin], 1e-6) << bin;
}

// A bin's share of an orientation falls linearly from 1 at its centre to 0 at its neighbours', counted around the circle.
double share_of_bin(double right, double down, int bin) {
  const double width = std::numbers::pi / 8;
  double apart = std::fmod(std::abs(std::atan2(down, right) - bin * width), std::numbers::pi);
  apart = std::min(apart, std::numbers::pi - apart);
  return std::max(0., 1 - apart / width);
}

double naive_vote(const torch::Tensor& grey, std::int64_t row, std::int64_t column, int bin) {
  const auto at = [&](std::int64_t i, std::int64_t j) {
    const bool inside = i >= 0 && j >= 0 && i < grey.size(0) && j < grey.size(1);
    return inside ? grey[i][j].item<double>() : 0.;
  };
  const double right = at(row, column + 1) - at(row, column - 1), down = at(row + 1, column) - at(row - 1, column);
  return std::hypot(right, down) * share_of_bin(right, down, bin);
}

TEST(Hog, EqualsANaiveLoopAndLeavesOutWhatIsNoWholeCell) {
  const auto pixels = random_bytes({2, 3, 9, 14}, 5);
  const auto histograms = oriented_histograms(pixels);
  ASSERT_EQ(histograms.sizes(), (std::vector<std::int64_t>{2, 2 * 3 * 8}));
  for (std::int64_t image = 0; image < 2; ++image) {
    const auto grey = pixels[image].to(torch::kFloat64).mean(0);
    auto expected = torch::zeros({2, 3, 8}, torch::kFloat64);
    for (std::int64_t row = 0; row < 8; ++row) {
      for (std::int64_t column = 0; column < 12; ++column) {
        for (int bin = 0; bin < 8; ++bin) expected[row / 4][column / 4][bin] += naive_vote(grey, row, column, bin);
      }
    }
    expected = (expected / expected.sum()).sqrt().flatten();
    EXPECT_TRUE(torch::allclose(histograms[image].to(torch::kFloat64), expected, 1e-5, 1e-6));
  }
}

TEST(Hog, RowsHaveLengthOneAndABlackImageStaysZero) {
  const auto pixels = random_bytes({3, 1, 8, 8}, 2);
  pixels[1].zero_();
  const auto length = oriented_histograms(pixels).norm(2, 1);
  EXPECT_NEAR(length[0].item<double>(), 1, 1e-6);
  EXPECT_EQ(length[1].item<double>(), 0);
}

TEST(Hog, ContrastDoesNotMatter) {
  const auto pixels = random_bytes({1, 1, 8, 8}, 2).div(2, "floor");
  EXPECT_TRUE(torch::allclose(oriented_histograms(pixels), oriented_histograms(pixels * 2)));
}

// ---- principal axes -------------------------------------------------------------------------------------------------

TEST(PrincipalAxes, OfALineIsItsDirection) {
  const auto rows = torch::tensor({{1.f, -2.f}, {2.f, -4.f}, {3.f, -6.f}});
  const auto fit = principal_axes(rows, 2);
  ASSERT_EQ(fit.axes.sizes(), (std::vector<std::int64_t>{2, 1})) << "the rank is 1";
  EXPECT_NEAR(fit.axes[0][0].item<double>(), -1 / std::sqrt(5), 1e-12) << "the largest entry is positive";
  EXPECT_NEAR(fit.axes[1][0].item<double>(), 2 / std::sqrt(5), 1e-12);
  EXPECT_TRUE(torch::allclose(fit.scores(rows).squeeze(1), torch::tensor({1.f, 0.f, -1.f}) * std::sqrt(5.f)));
}

TEST(PrincipalAxes, AreOrthonormalAndPointWhereTheirLargestEntryIsPositive) {
  const auto axes = principal_axes(random_rows(40, 7, 3), 5).axes;
  EXPECT_TRUE(torch::allclose(axes.t().mm(axes), torch::eye(5, torch::kFloat64), 0, 1e-12));
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto axis = axes.select(1, i);
    EXPECT_EQ(axis.max().item<double>(), axis.abs().max().item<double>());
  }
}

TEST(PrincipalAxes, ScoresAreUncorrelatedByFallingVarianceAndKeepAllOfIt) {
  const auto rows = random_rows(60, 6, 4) * torch::tensor({1.f, 5.f, 2.f, 4.f, 3.f, 6.f});
  const auto scores = principal_axes(rows, 6).scores(rows).to(torch::kFloat64);
  const auto covariance = scores.t().mm(scores);
  const auto variance = covariance.diagonal();
  EXPECT_LT((covariance - variance.diag()).abs().max().item<double>(), 1e-3);
  for (std::int64_t i = 1; i < 6; ++i) EXPECT_GE(variance[i - 1].item<double>(), variance[i].item<double>());
  EXPECT_NEAR(variance.sum().item<double>(), (rows - rows.mean(0)).square().sum().item<double>(), 1e-2);
}

TEST(PrincipalAxes, OtherRowsAreCentredAtTheFittedMean) {
  const auto fit = principal_axes(random_rows(30, 4, 5), 3);
  EXPECT_LT(fit.scores(fit.mean.unsqueeze(0)).abs().max().item<double>(), 1e-6);
  const auto other = random_rows(5, 4, 6);
  EXPECT_TRUE(torch::allclose(fit.scores(other)[2], fit.scores(other.narrow(0, 2, 1))[0]));
}

// ---- contrastive training -------------------------------------------------------------------------------------------

TEST(NtXent, IsZeroForOneImage) { EXPECT_NEAR(nt_xent(random_rows(2, 3, 1)).item<double>(), 0, 1e-6); }

TEST(NtXent, OfTwoOrthogonalImagesWithEqualViews) {
  const auto v = torch::tensor({{2.f, 0.f}, {0.f, 3.f}, {1.f, 0.f}, {0.f, 5.f}});  // lengths do not matter
  EXPECT_NEAR(nt_xent(v).item<double>(), .239545, 1e-6);
}

TEST(NtXent, EqualsItsDefinition) {
  const auto v = random_rows(8, 5, 2);
  const auto similarity = [&](std::int64_t i, std::int64_t j) {
    return (v[i].dot(v[j]) / (v[i].norm() * v[j].norm())).item<double>() / .2;
  };
  double sum = 0;
  for (std::int64_t i = 0; i < 8; ++i) {
    double others = 0;
    for (std::int64_t j = 0; j < 8; ++j) others += j == i ? 0 : std::exp(similarity(i, j));
    sum -= std::log(std::exp(similarity(i, (i + 4) % 8)) / others);
  }
  EXPECT_NEAR(nt_xent(v, .2).item<double>(), sum / 8, 1e-5);
}

TEST(NtXent, AZeroRowHasAFiniteGradient) {
  auto v = random_rows(4, 3, 2);
  v[1].zero_();
  v.requires_grad_();
  nt_xent(v).backward();
  EXPECT_TRUE(v.grad().isfinite().all().item<bool>());
}

// One pixel of a view, from the window's definition in pixels: bilinear between the four around it, held at the border.
double naive_pixel(const torch::Tensor& plane, double row, double column) {
  const auto h = plane.size(0), w = plane.size(1);
  row = std::clamp(row, 0., static_cast<double>(h - 1)), column = std::clamp(column, 0., static_cast<double>(w - 1));
  const auto i = static_cast<std::int64_t>(row), j = static_cast<std::int64_t>(column);
  const double down = row - static_cast<double>(i), right = column - static_cast<double>(j);
  const auto at = [&](std::int64_t r, std::int64_t c) {
    return plane[std::min(r, h - 1)][std::min(c, w - 1)].item<double>();
  };
  return (1 - down) * ((1 - right) * at(i, j) + right * at(i, j + 1)) +
         down * ((1 - right) * at(i + 1, j) + right * at(i + 1, j + 1));
}

TEST(ContrastiveView, IsAMirroredWindowWithOtherLight) {
  const auto x = random_rows(6, 2 * 4 * 6, 9).view({6, 2, 4, 6});
  Stream drawn(3), again(3);
  const auto view = contrastive_view(x, drawn);
  int mirrored_views = 0;
  for (std::int64_t n = 0; n < 6; ++n) {
    const double scale = .5 + .5 * again.uniform();
    const double right = (1 - scale) * (2 * again.uniform() - 1), down = (1 - scale) * (2 * again.uniform() - 1);
    const bool mirrored = again.below(2) == 1;
    mirrored_views += mirrored;
    const double contrast = .6 + .8 * again.uniform(), brightness = -.4 + .8 * again.uniform();
    for (std::int64_t i = 0; i < 4; ++i) {
      for (std::int64_t j = 0; j < 6; ++j) {
        // From the middle of the view to the middle of the window; 4 rows and 6 columns.
        const double row = 1.5 + scale * (static_cast<double>(i) - 1.5) + down * 2;
        const double column = 2.5 + (mirrored ? -scale : scale) * (static_cast<double>(j) - 2.5) + right * 3;
        EXPECT_NEAR(view[n][1][i][j].item<double>(), contrast * naive_pixel(x[n][1], row, column) + brightness, 1e-4);
      }
    }
  }
  EXPECT_TRUE(mirrored_views > 0 && mirrored_views < 6) << "the test needs both";
}

class TrainContrastive : public testing::Test {
 protected:
  void SetUp() override { make_deterministic(); }
};

// Images of bars, each in a place and a direction of its own.
ImageSet bars(std::int64_t n) {
  const auto pixels = torch::zeros({n, 1, 12, 12}, torch::kUInt8);
  for (std::int64_t i = 0; i < n; ++i) {
    const auto bar = pixels[i][0].narrow(i % 2, i / 2 % 10, 2);
    bar.fill_(120 + 5 * (i % 20));
  }
  return {pixels, {{.3}, {.3}}};
}

ContrastiveRecipe small_recipe(std::int64_t steps) { return {.steps = steps, .batch = 20, .projection = 16}; }

TEST_F(TrainContrastive, RepeatsBitForBitFromItsStreamsAlone) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  const auto train = [](std::int64_t seed) {
    return train_contrastive(bars(20), "c5c3-64-w4", small_recipe(3), Streams(seed), torch::kCPU);
  };
  const auto a = train(1), b = train(1), c = train(2);
  EXPECT_TRUE(torch::equal(before, global.get_state()));
  EXPECT_FALSE(a->is_training());
  for (std::size_t i = 0; i < a->parameters().size(); ++i) {
    EXPECT_TRUE(torch::equal(a->parameters()[i], b->parameters()[i]));
  }
  EXPECT_FALSE(torch::equal(a->parameters()[0], c->parameters()[0]));
}

TEST_F(TrainContrastive, BringsViewsOfOneImageTogether) {
  const auto images = bars(40);
  const auto loss_after = [&](std::int64_t steps) {
    const auto body = train_contrastive(images, "c5c3-64-w4", small_recipe(steps), Streams(1), torch::kCPU);
    Stream views(5);
    const auto x = images.plain(0, 40);
    const auto first = contrastive_view(x, views);
    return nt_xent(body->forward(torch::cat({first, contrastive_view(x, views)}))).item<double>();
  };
  EXPECT_LT(loss_after(60), loss_after(0) - .1);
}

TEST_F(TrainContrastive, TakesFewerImagesThanABatch) {
  EXPECT_EQ(train_contrastive(bars(7), "c5c3-64-w4", small_recipe(2), Streams(1), torch::kCPU)->features(), 16);
}

}  // namespace
}  // namespace assay::learn
