// Scenes of one to four overlapping garments of Fashion-MNIST on a canvas of 64x64 pixels, with clutter and noise: the
// generator, exact to the byte (section 3.1 of the specification). LibTorch-free.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/images.hpp"

namespace assay::multi_label {

inline constexpr std::int64_t kSceneSide = 64, kSceneClasses = 10;

struct SceneProfile {
  double smallest = 0, largest = 0;  // scale of a garment
  double visible = 0;                // share of every earlier garment's opaque pixels that must stay visible
  double noise = 0;
  int clutter = 0;
};
SceneProfile scene_profile(const std::string& id);  // "kd" or "ssl"; DeclarationError for another one

enum class SceneSplit { kTrain = 0, kValidation = 1, kTest = 2 };

struct Scenes {
  std::int64_t count = 0;
  std::string pixels;  // [count, 64, 64]
  std::string labels;  // [count, 10], 0 or 1
};

// The generator's own source of random numbers; it serves the scenes only.
class SceneRng {
 public:
  explicit SceneRng(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0);

  double unit();  // [0, 1)
  int below(int n) { return static_cast<int>(unit() * n); }
  double uniform(double from, double to) { return from + (to - from) * unit(); }
  std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_;
};

// Numbers of the source's images by class: those for scenes, in the order of their use, and those for clutter.
struct GarmentPools {
  std::array<std::vector<std::int64_t>, kSceneClasses> queue, clutter;
};
GarmentPools garment_pools(const ImageSplit& source, std::uint64_t seed, SceneSplit split);

// Training scenes take garments from train [0, 50000), validation scenes from train [50000, 60000), test scenes from
// test; smaller sources (of tests): the first 5/6 and the last 1/6 of train. No garment is used twice. DataError where
// a class runs out of garments.
Scenes make_scenes(const ImageSplit& train, const ImageSplit& test, std::uint64_t seed, SceneSplit split,
                   std::int64_t count, const SceneProfile& profile);

}  // namespace assay::multi_label
