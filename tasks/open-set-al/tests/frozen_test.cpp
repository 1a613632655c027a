#include "open-set-al/frozen.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/errors.hpp"
#include "data/artefacts.hpp"
#include "learn/determinism.hpp"
#include "learn/hog.hpp"
#include "open-set-al/feature_spaces.hpp"

namespace assay::open_set_al {
namespace {

TEST(Frozen, AsksForEachTensorOnce) {
  std::vector<std::string> asked;
  const Frozen frozen([&](const std::string& name) {
    asked.push_back(name);
    return torch::full({1}, static_cast<double>(asked.size()));
  });
  EXPECT_EQ(frozen.seconds(), 0);
  EXPECT_EQ(frozen.features().item<double>(), 1);
  EXPECT_EQ(frozen.turned(3).item<double>(), 2);
  EXPECT_EQ(frozen.features().item<double>(), 1);
  EXPECT_EQ(frozen.neighbours().distance.item<double>(), 4);
  EXPECT_EQ(asked, (std::vector<std::string>{"features", "turned-3", "neighbours-index", "neighbours-distance"}));
  EXPECT_GT(frozen.seconds(), 0);
}

class FeatureSpaces : public testing::Test {
 protected:
  void SetUp() override {
    learn::make_deterministic();
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    ground_.body = "c5c3-64-w4";
    ground_.images = learn::ImageSet(four_turns_of(5), {{.3}, {.3}});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Image 4 i + r is image 4 i turned by r quarters.
  static torch::Tensor four_turns_of(std::int64_t count) {
    const auto pixels = torch::empty({4 * count, 1, 16, 16}, torch::kUInt8);
    Stream stream(1);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto image = torch::empty({1, 16, 16}, torch::kUInt8);
      for (std::int64_t k = 0; k < image.numel(); ++k) {
        image.data_ptr<std::uint8_t>()[k] = static_cast<std::uint8_t>(stream.below(256));
      }
      for (std::int64_t r = 0; r < 4; ++r) pixels[4 * i + r].copy_(torch::rot90(image, r, {1, 2}));
    }
    return pixels;
  }

  Job job(const std::string& cache = "cache") const {
    Job job;
    job.artefacts = folder_ / cache;
    job.provenance = "here";
    job.dataset = "toy";
    job.files = {{"toy.gz", "abc", ""}};
    return job;
  }
  Frozen hog(const Job& job, const Json& pool = {{"per_class", 5}}) const {
    return make_frozen(job, ground_, "hog", 6, pool, 0);
  }
  Frozen simclr(const Job& job, std::int64_t steps = 2) const {
    return make_frozen(job, ground_, "simclr", 6, {{"per_class", 5}}, steps);
  }
  std::size_t artefacts() const { return ArtefactCache(folder_ / "cache").list().size(); }

  std::filesystem::path folder_;
  Ground ground_;
};

bool have_length_one(const torch::Tensor& rows) { return torch::allclose(rows.norm(2, 1), torch::ones(rows.size(0))); }

TEST_F(FeatureSpaces, HogIsNormalisedScoresOnThePoolsAxes) {
  const auto features = hog(job()).features();
  const auto histograms = learn::oriented_histograms(ground_.images.pixels());
  const auto scores = learn::principal_axes(histograms, 6).scores(histograms);
  EXPECT_EQ(features.dtype(), torch::kFloat32);
  EXPECT_EQ(features.sizes(), (std::vector<std::int64_t>{20, 6}));
  EXPECT_TRUE(torch::allclose(features, scores / scores.norm(2, 1, true), 1e-4, 1e-6));
}

// An image turned is another image of this pool, so that the spaces must agree.
TEST_F(FeatureSpaces, TurnedImagesLieInTheSameSpace) {
  for (const auto& frozen : {hog(job()), simclr(job())}) {
    EXPECT_TRUE(have_length_one(frozen.features()));
    EXPECT_TRUE(torch::equal(frozen.turned(0), frozen.features()));
    for (const int quarters : {1, 2, 3}) {
      for (std::int64_t i = 0; i < 20; ++i) {
        const auto same = i / 4 * 4 + (i + quarters) % 4;
        EXPECT_TRUE(torch::allclose(frozen.turned(quarters)[i], frozen.features()[same], 1e-4, 1e-5));
      }
    }
  }
}

TEST_F(FeatureSpaces, NeighboursAreTheTenNearestByL1) {
  const auto frozen = hog(job());
  const auto nearest = frozen.neighbours();
  ASSERT_EQ(nearest.index.sizes(), (std::vector<std::int64_t>{20, 10}));
  const auto distance = (frozen.features().unsqueeze(1) - frozen.features().unsqueeze(0)).abs().sum(2);
  const auto sorted = std::get<0>(distance.sort(1)).narrow(1, 1, 10);  // without itself
  EXPECT_TRUE(torch::allclose(nearest.distance, sorted, 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(nearest.distance, distance.gather(1, nearest.index), 1e-4, 1e-5));
}

TEST_F(FeatureSpaces, AreMadeWhenAskedForAndThenShared) {
  const auto first = hog(job());
  EXPECT_EQ(artefacts(), 0u);
  const auto features = first.features();
  EXPECT_EQ(artefacts(), 2u) << "what is fitted, and the features";
  first.turned(2);
  EXPECT_EQ(artefacts(), 3u);
  first.neighbours();
  EXPECT_EQ(artefacts(), 4u);
  auto other = job();
  other.seed = 7;
  other.method = "another";
  const auto second = hog(other);
  EXPECT_TRUE(torch::equal(second.features(), features));
  EXPECT_TRUE(torch::equal(second.neighbours().index, first.neighbours().index));
  EXPECT_EQ(artefacts(), 4u);
}

TEST_F(FeatureSpaces, AreOthersForOtherDataPoolsAndSources) {
  hog(job()).features();
  hog(job(), {{"per_class", 6}}).features();
  EXPECT_EQ(artefacts(), 4u);
  auto other = job();
  other.files[0].sha256 = "def";
  hog(other).features();
  EXPECT_EQ(artefacts(), 6u);
  other.provenance = "elsewhere";
  hog(other).features();
  EXPECT_EQ(artefacts(), 8u);
}

TEST_F(FeatureSpaces, ContrastiveOnesRepeatBitForBit) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  const auto a = simclr(job("one")).features(), b = simclr(job("two")).features();
  EXPECT_TRUE(torch::equal(before, global.get_state()));
  EXPECT_TRUE(torch::equal(a, b));
  EXPECT_EQ(a.sizes(), (std::vector<std::int64_t>{20, 16}));
  EXPECT_FALSE(torch::equal(a, simclr(job("one"), 3).features()));
}

TEST_F(FeatureSpaces, RefusesAnUnknownKind) {
  EXPECT_THROW(make_frozen(job(), ground_, "clip", 6, Json::object(), 0), DeclarationError);
}

}  // namespace
}  // namespace assay::open_set_al
