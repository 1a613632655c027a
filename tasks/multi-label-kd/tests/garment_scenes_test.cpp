#include "multi-label-kd/garment_scenes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "core/errors.hpp"
#include "data/decode.hpp"

namespace assay::multi_label {
namespace {

constexpr std::size_t kPixels = 64 * 64;

std::uint64_t fnv1a(const std::string& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

std::vector<int> labels_of(const Scenes& scenes, std::size_t scene) {
  std::vector<int> labels;
  for (int c = 0; c < kSceneClasses; ++c) {
    if (scenes.labels[scene * kSceneClasses + static_cast<std::size_t>(c)] != 0) labels.push_back(c);
  }
  return labels;
}

TEST(SceneRng, DrawsAsSpecified) {
  SceneRng rng(1, 0, 77, 0);
  EXPECT_EQ(rng.state(), 0x2994667c0c667c84u);
  EXPECT_EQ(rng.unit(), 0.5987764420520063);
  EXPECT_EQ(rng.unit(), 0.6137317587029074);
  EXPECT_EQ(rng.unit(), 0.7156307745779698);
}

// --- On the real Fashion-MNIST

class FashionScenes : public testing::Test {
 protected:
  static ImageSplit view(const DecodedSplit& split) {
    const auto bytes = [](const std::string& text) {
      return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    return {split.count, split.channels, split.height, split.width, bytes(split.pixels), bytes(split.labels)};
  }

  void SetUp() override {
    const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
    DataFiles files;
    for (const auto* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
                             "t10k-labels-idx1-ubyte.gz"}) {
      files[name] = folder / name;
      if (!std::filesystem::exists(files[name])) GTEST_SKIP() << "no Fashion-MNIST: apt install dataset-fashion-mnist";
    }
    decoded_ = decode_idx(files);
  }

  Scenes make(const std::string& profile, SceneSplit split, std::int64_t count) const {
    return make_scenes(view(decoded_.train), view(decoded_.test), 1, split, count, scene_profile(profile));
  }

  Decoded decoded_;
};

TEST_F(FashionScenes, AreTheSpecifiedOnesToTheByte) {
  using Split = SceneSplit;
  EXPECT_EQ(fnv1a(make("kd", Split::kTrain, 16).pixels), 0x28c7e19b5ecc5d86u);
  EXPECT_EQ(fnv1a(make("kd", Split::kValidation, 16).pixels), 0xf125c91a0a9e54cau);
  EXPECT_EQ(fnv1a(make("kd", Split::kTest, 16).pixels), 0x2fe8a6523e5e8725u);
  EXPECT_EQ(fnv1a(make("ssl", Split::kTrain, 16).pixels), 0x44b569dfff8f60dau);
  EXPECT_EQ(fnv1a(make("ssl", Split::kValidation, 16).pixels), 0x93898ff7961080b6u);
  EXPECT_EQ(fnv1a(make("ssl", Split::kTest, 16).pixels), 0x543ed674e5cd0b7du);

  const auto kd = make("kd", Split::kTrain, 4), ssl = make("ssl", Split::kTrain, 4);
  EXPECT_EQ(kd.pixels.substr(0, 6), "\x4b\x5d\x4b\x4b\x57\x4c");
  const auto labels = [](const Scenes& scenes) {
    std::vector<std::vector<int>> all;
    for (std::size_t i = 0; i < 4; ++i) all.push_back(labels_of(scenes, i));
    return all;
  };
  EXPECT_EQ(labels(kd), (std::vector<std::vector<int>>{{4, 6}, {3, 4, 6, 7}, {3}, {2, 5, 6}}));
  EXPECT_EQ(labels(ssl), (std::vector<std::vector<int>>{{1}, {0, 4, 9}, {0}, {2}}));
}

TEST_F(FashionScenes, HaveTheSpecifiedNumbersOfLabels) {
  constexpr int count = 4000;
  const auto scenes = make("kd", SceneSplit::kTrain, count);
  std::map<std::size_t, int> with;
  const auto share = [&](const std::function<bool(std::size_t)>& holds, const std::function<bool(std::size_t)>& given) {
    int both = 0, all = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!given(i)) continue;
      ++all;
      both += holds(i);
    }
    return static_cast<double>(both) / all;
  };
  const auto has = [&](std::size_t c) {
    return [&scenes, c](std::size_t scene) { return scenes.labels[scene * kSceneClasses + c] != 0; };
  };
  const auto any = [](std::size_t) { return true; };
  for (std::size_t i = 0; i < count; ++i) ++with[labels_of(scenes, i).size()];
  EXPECT_EQ(with, (std::map<std::size_t, int>{{1, 991}, {2, 1393}, {3, 1019}, {4, 597}}));
  EXPECT_NEAR(share(has(1), any), 0.193, 0.0005);
  EXPECT_NEAR(share(has(1), has(0)), 0.270, 0.0005);
  EXPECT_NEAR(share(has(9), any), 0.274, 0.0005);
  EXPECT_NEAR(share(has(9), has(2)), 0.436, 0.0005);
  EXPECT_NEAR(share(has(7), any), 0.09, 0.005);
  EXPECT_NEAR(share(has(0), any), 0.39, 0.005);
}

// --- On a source that shows which garment lies where: garment i is a full square of brightness 255.

struct Squares {
  explicit Squares(std::int64_t per_class) {
    for (std::int64_t i = 0; i < 10 * per_class; ++i) labels.push_back(static_cast<std::uint8_t>(i % 10));
    pixels.assign(labels.size() * 784, 255);
  }
  ImageSplit split() const { return {static_cast<std::int64_t>(labels.size()), 1, 28, 28, pixels, labels}; }

  std::vector<std::uint8_t> pixels, labels;
};

std::multiset<std::int64_t> all_of(const GarmentPools& pools) {
  std::multiset<std::int64_t> ids;
  for (const auto* lists : {&pools.queue, &pools.clutter}) {
    for (const auto& list : *lists) ids.insert(list.begin(), list.end());
  }
  return ids;
}

TEST(GarmentPools, HoldEachGarmentOnceAndSplitsShareNone) {
  const Squares squares(120);
  const auto source = squares.split();
  const auto train = garment_pools(source, 5, SceneSplit::kTrain);
  const auto validation = garment_pools(source, 5, SceneSplit::kValidation);
  std::vector<std::int64_t> first(1000), last(200);
  std::iota(first.begin(), first.end(), 0);
  std::iota(last.begin(), last.end(), 1000);
  EXPECT_EQ(all_of(train), std::multiset<std::int64_t>(first.begin(), first.end()));
  EXPECT_EQ(all_of(validation), std::multiset<std::int64_t>(last.begin(), last.end()));
  EXPECT_EQ(all_of(garment_pools(source, 5, SceneSplit::kTest)).size(), 1200u);
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_EQ(train.clutter[c].size(), 10u);
    EXPECT_EQ(train.queue[c].size(), 90u);
    EXPECT_FALSE(std::is_sorted(train.queue[c].begin(), train.queue[c].end()));
    for (const auto id : train.queue[c]) EXPECT_EQ(id % 10, static_cast<std::int64_t>(c));
  }
}

TEST(GarmentPools, DependOnTheSeed) {
  const Squares squares(30);
  EXPECT_EQ(garment_pools(squares.split(), 1, SceneSplit::kTrain).queue,
            garment_pools(squares.split(), 1, SceneSplit::kTrain).queue);
  EXPECT_NE(garment_pools(squares.split(), 1, SceneSplit::kTrain).queue,
            garment_pools(squares.split(), 2, SceneSplit::kTrain).queue);
}

Scenes of_squares(const Squares& squares, std::int64_t count, const SceneProfile& profile,
                  SceneSplit split = SceneSplit::kTrain) {
  return make_scenes(squares.split(), squares.split(), 3, split, count, profile);
}

TEST(GarmentScenes, RepeatAndGrowAtTheirEnd) {
  const Squares squares(60);
  const auto few = of_squares(squares, 5, scene_profile("kd")), more = of_squares(squares, 20, scene_profile("kd"));
  EXPECT_EQ(few.pixels, more.pixels.substr(0, 5 * kPixels));
  EXPECT_EQ(few.labels, more.labels.substr(0, 50));
  EXPECT_NE(few.pixels, of_squares(squares, 5, scene_profile("kd"), SceneSplit::kValidation).pixels);
}

TEST(GarmentScenes, ShowOneToFourClasses) {
  const Squares squares(200);
  const auto scenes = of_squares(squares, 150, scene_profile("kd"));
  std::set<std::size_t> numbers;
  for (std::size_t i = 0; i < 150; ++i) numbers.insert(labels_of(scenes, i).size());
  EXPECT_EQ(numbers, (std::set<std::size_t>{1, 2, 3, 4}));
}

// Without noise and clutter a pixel above .5 is a garment's: the background stays below .45 + rounding.
TEST(GarmentScenes, ObjectsMayNotCoverEachOtherWhereAllMustStayVisible) {
  const Squares squares(400);
  const auto scenes = of_squares(squares, 200, {.smallest = 0.5, .largest = 0.5, .visible = 1});
  for (std::size_t i = 0; i < 200; ++i) {
    const auto pixels = scenes.pixels.substr(i * kPixels, kPixels);
    const auto bright =
        std::count_if(pixels.begin(), pixels.end(), [](char p) { return static_cast<unsigned char>(p) > 130; });
    EXPECT_EQ(bright, static_cast<std::int64_t>(labels_of(scenes, i).size()) * 14 * 14) << i;
  }
}

TEST(GarmentScenes, AnObjectWithoutAPlaceHasNoLabel) {
  const Squares squares(100);  // garments of 60 x 60 pixels: a second one always hides most of the first
  const auto scenes = of_squares(squares, 40, {.smallest = 60 / 28.0, .largest = 60 / 28.0, .visible = 0.99});
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(labels_of(scenes, i).size(), 1u);
  const auto covering = of_squares(squares, 40, {.smallest = 60 / 28.0, .largest = 60 / 28.0, .visible = 0});
  std::size_t labels = 0;
  for (std::size_t i = 0; i < 40; ++i) labels += labels_of(covering, i).size();
  EXPECT_GT(labels, 60u);
}

TEST(GarmentScenes, ClutterMakesNoLabelAndNoiseNoOtherPlace) {
  const Squares squares(100);
  const auto plain = of_squares(squares, 20, {.smallest = 1, .largest = 1, .visible = 0.5});
  const auto noisy = of_squares(squares, 20, {.smallest = 1, .largest = 1, .visible = 0.5, .noise = 0.01});
  EXPECT_EQ(plain.labels, noisy.labels);
  EXPECT_NE(plain.pixels, noisy.pixels);
  double difference = 0;
  for (std::size_t i = 0; i < plain.pixels.size(); ++i) {
    difference += std::abs(static_cast<unsigned char>(plain.pixels[i]) - static_cast<unsigned char>(noisy.pixels[i]));
  }
  EXPECT_LT(difference / static_cast<double>(plain.pixels.size()), 3);
  const auto cluttered = of_squares(squares, 20, {.smallest = 1, .largest = 1, .visible = 0.5, .clutter = 8});
  for (std::size_t i = 0; i < 20; ++i) EXPECT_LE(labels_of(cluttered, i).size(), 4u);
}

TEST(GarmentScenes, EndWithAnErrorWhereGarmentsRunOut) {
  const Squares squares(20);  // 15 of a class are for scenes, five of each of the ten in the head of the list
  EXPECT_NO_THROW(of_squares(squares, 10, scene_profile("ssl")));
  EXPECT_THROW(of_squares(squares, 500, scene_profile("ssl")), DataError);
  const Squares few(10);  // eight for training: none for clutter
  EXPECT_NO_THROW(of_squares(few, 1, scene_profile("ssl")));
  EXPECT_THROW(of_squares(few, 1, scene_profile("kd")), DataError);
}

TEST(GarmentScenes, RefuseAnotherSourceAndAnUnknownProfile) {
  const Squares squares(20);
  auto source = squares.split();
  source.channels = 3;
  EXPECT_THROW(make_scenes(source, source, 1, SceneSplit::kTrain, 1, scene_profile("kd")), DataError);
  EXPECT_THROW(scene_profile("hard"), DeclarationError);
}

}  // namespace
}  // namespace assay::multi_label
