// The numbers of the steps are those of the specification. All arithmetic is in double and in the order written there;
// this file is compiled without contraction of a * b + c, so that every machine makes the same bytes.
#include "multi-label-kd/garment_scenes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/errors.hpp"

namespace assay::multi_label {

namespace {

constexpr int kSide = static_cast<int>(kSceneSide), kGarment = 28;
constexpr int kMostTries = 20;
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;

std::uint64_t finished(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}
std::uint64_t mixed(std::uint64_t z) { return finished(z + kGolden); }

// Prior of each class, and the class that it makes three times as likely.
constexpr std::array<std::size_t, kSceneClasses> kPartner{1, 0, 9, 8, 7, 3, 1, 4, 3, 2};
constexpr double kPartnerFactor = 3;

std::array<double, kSceneClasses> priors() {
  std::array<double, kSceneClasses> prior{};
  for (std::size_t c = 0; c < prior.size(); ++c) prior[c] = std::pow(0.85, static_cast<double>(7 * c % 10));
  return prior;
}

using Canvas = std::array<double, kSide * kSide>;
double& at(Canvas& canvas, int row, int column) { return canvas[static_cast<std::size_t>(row * kSide + column)]; }

// Opacity of a garment's pixel of brightness v: all but its dark rim covers what lies behind.
double opacity(double v) { return std::min(1.0, 8 * v); }

void paint(double& pixel, double v, double gain) {
  const double a = opacity(v);
  pixel = (1 - a) * pixel + a * gain * v;
}

struct Object {
  std::size_t of = 0;  // class
  int side = 0;
  double gain = 0;
  std::vector<double> values;  // [side, side], 0 to 1
  int x = 0, y = 0;

  double value(int row, int column) const { return values[static_cast<std::size_t>(row * side + column)]; }
  bool opaque(int row, int column) const { return opacity(value(row, column)) >= 0.5; }
  std::int64_t area() const {
    return std::count_if(values.begin(), values.end(), [](double v) { return opacity(v) >= 0.5; });
  }
};

std::vector<double> resized(std::span<const std::uint8_t> garment, int side) {  // bilinear
  const auto place = [side](int i) { return std::clamp((i + 0.5) * kGarment / side - 0.5, 0.0, kGarment - 1.0); };
  const auto byte = [&](int row, int column) {
    return static_cast<double>(garment[static_cast<std::size_t>(row * kGarment + column)]);
  };
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(side * side));
  for (int y = 0; y < side; ++y) {
    const double fy = place(y);
    const int y0 = static_cast<int>(fy), y1 = std::min(y0 + 1, kGarment - 1);
    const double wy = fy - y0;
    for (int x = 0; x < side; ++x) {
      const double fx = place(x);
      const int x0 = static_cast<int>(fx), x1 = std::min(x0 + 1, kGarment - 1);
      const double wx = fx - x0;
      const double upper = (1 - wx) * byte(y0, x0) + wx * byte(y0, x1);
      const double lower = (1 - wx) * byte(y1, x0) + wx * byte(y1, x1);
      values.push_back(((1 - wy) * upper + wy * lower) / 255);
    }
  }
  return values;
}

// Who is seen at each pixel: the number of an object, or -1.
class Owners {
 public:
  explicit Owners(double visible) : visible_(visible) { owner_.fill(-1); }

  // Accepts the object at its place if every earlier one keeps enough of its pixels.
  bool accept(const Object& object) {
    auto owner = owner_;
    auto left = left_;
    const auto number = static_cast<std::int8_t>(area_.size());
    for (int y = 0; y < object.side; ++y) {
      for (int x = 0; x < object.side; ++x) {
        if (!object.opaque(y, x)) continue;
        auto& pixel = owner[static_cast<std::size_t>((object.y + y) * kSide + object.x + x)];
        if (pixel >= 0) --left[static_cast<std::size_t>(pixel)];
        pixel = number;
      }
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (static_cast<double>(left[i]) < visible_ * static_cast<double>(area_[i])) return false;
    }
    owner_ = owner;
    left_ = std::move(left);
    area_.push_back(object.area());
    left_.push_back(object.area());
    return true;
  }

 private:
  double visible_;
  std::array<std::int8_t, kSide * kSide> owner_{};
  std::vector<std::int64_t> area_, left_;  // of each object: opaque pixels, and those still seen
};

struct Scene {
  std::array<std::uint8_t, kSide * kSide> pixels{};
  std::array<bool, kSceneClasses> labels{};
};

[[noreturn]] void refuse_too_few(std::size_t of, const std::string& expected, std::size_t found) {
  throw DataError({"too few garments", "class " + std::to_string(of), expected, std::to_string(found),
                   "use Fashion-MNIST, or ask for fewer scenes"});
}

class Generator {
 public:
  Generator(const ImageSplit& source, GarmentPools pools, std::uint64_t seed, SceneSplit split,
            const SceneProfile& profile)
      : source_(source), pools_(std::move(pools)), seed_(seed), split_(split), profile_(profile) {
    for (std::size_t c = 0; profile_.clutter > 0 && c < kSceneClasses; ++c) {
      if (pools_.clutter[c].empty()) refuse_too_few(c, "ten, of which one is for clutter", pools_.queue[c].size());
    }
  }

  Scene make(std::uint64_t number) {
    SceneRng rng(seed_, static_cast<std::uint64_t>(split_), 77, number);
    Canvas canvas = background(rng);
    for (int i = 0; i < profile_.clutter; ++i) add_clutter(canvas, rng);
    const auto objects = place_objects(draw_classes(rng), rng);
    Scene scene;
    for (const auto& object : objects) {  // step 6
      for (int y = 0; y < object.side; ++y) {
        for (int x = 0; x < object.side; ++x) {
          paint(at(canvas, object.y + y, object.x + x), object.value(y, x), object.gain);
        }
      }
      scene.labels[object.of] = true;
    }
    add_noise(canvas, rng);
    std::transform(canvas.begin(), canvas.end(), scene.pixels.begin(), [](double v) {  // step 8
      return static_cast<std::uint8_t>(std::floor(255 * std::clamp(v, 0.0, 1.0) + 0.5));
    });
    return scene;
  }

 private:
  static Canvas background(SceneRng& rng) {  // step 1
    const double b = rng.uniform(0.05, 0.30), amplitude = rng.uniform(0, 0.15);
    const double angle = rng.uniform(0, 2 * std::numbers::pi), cosine = std::cos(angle), sine = std::sin(angle);
    Canvas canvas{};
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        at(canvas, y, x) = b + amplitude * (cosine * (x - 31.5) + sine * (y - 31.5)) / 32;
      }
    }
    return canvas;
  }

  void add_clutter(Canvas& canvas, SceneRng& rng) const {  // step 2
    const auto& garments = pools_.clutter[static_cast<std::size_t>(rng.below(kSceneClasses))];
    const auto id = garments[static_cast<std::size_t>(rng.below(static_cast<int>(garments.size())))];
    const int m = 8 + rng.below(7);
    const int sx = rng.below(29 - m), sy = rng.below(29 - m);
    const int dx = rng.below(65 - m), dy = rng.below(65 - m);
    const double gain = rng.uniform(0.3, 0.7);
    const auto bytes = garment(id);
    for (int y = 0; y < m; ++y) {
      for (int x = 0; x < m; ++x) {
        const double v = bytes[static_cast<std::size_t>((sy + y) * kGarment + sx + x)] / 255.0;
        paint(at(canvas, dy + y, dx + x), v, gain);
      }
    }
  }

  static std::vector<std::size_t> draw_classes(SceneRng& rng) {  // steps 3 and 4
    static const auto prior = priors();
    const double u = rng.unit();
    const std::size_t count = u < 0.25 ? 1 : u < 0.60 ? 2 : u < 0.85 ? 3 : 4;
    auto weights = prior;
    std::vector<std::size_t> chosen;
    while (chosen.size() < count) {
      double sum = 0;
      for (const double weight : weights) sum += weight;
      double t = rng.unit() * sum;
      std::size_t c = 0;
      while (c < kSceneClasses - 1 && t >= weights[c]) t -= weights[c++];
      chosen.push_back(c);
      weights[kPartner[c]] *= kPartnerFactor;
      for (const auto taken : chosen) weights[taken] = 0;
    }
    return chosen;
  }

  std::vector<Object> place_objects(const std::vector<std::size_t>& classes, SceneRng& rng) {  // step 5
    Owners owners(profile_.visible);
    std::vector<Object> objects;
    for (const auto of : classes) {
      Object object{of};
      const auto id = next_garment(of);
      object.side = static_cast<int>(std::floor(kGarment * rng.uniform(profile_.smallest, profile_.largest) + 0.5));
      object.gain = rng.uniform(0.55, 1);
      object.values = resized(garment(id), object.side);
      for (int tries = 0; tries < kMostTries; ++tries) {
        object.x = rng.below(65 - object.side);
        object.y = rng.below(65 - object.side);
        if (!owners.accept(object)) continue;
        objects.push_back(std::move(object));
        break;
      }
    }
    return objects;
  }

  void add_noise(Canvas& canvas, SceneRng& rng) const {  // step 7
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; x += 2) {
        const double u1 = 1 - rng.unit(), u2 = rng.unit();
        const double radius = std::sqrt(-2 * std::log(u1)), angle = 2 * std::numbers::pi * u2;
        at(canvas, y, x) += profile_.noise * radius * std::cos(angle);
        at(canvas, y, x + 1) += profile_.noise * radius * std::sin(angle);
      }
    }
  }

  std::int64_t next_garment(std::size_t of) {
    const auto& queue = pools_.queue[of];
    if (used_[of] == queue.size()) refuse_too_few(of, "one for each scene with the class, none twice", queue.size());
    return queue[used_[of]++];
  }

  std::span<const std::uint8_t> garment(std::int64_t id) const {
    constexpr std::size_t size = kGarment * kGarment;
    return source_.pixels.subspan(static_cast<std::size_t>(id) * size, size);
  }

  ImageSplit source_;
  GarmentPools pools_;
  std::array<std::size_t, kSceneClasses> used_{};
  std::uint64_t seed_;
  SceneSplit split_;
  SceneProfile profile_;
};

void check_source(const ImageSplit& source) {
  const auto classes = source.labels.empty() ? 0 : *std::max_element(source.labels.begin(), source.labels.end()) + 1;
  const bool sound = source.channels == 1 && source.height == kGarment && source.width == kGarment;
  if (sound && classes <= kSceneClasses) return;
  throw DataError({"not the garments that scenes are made of", "", "1 x 28 x 28 pixels and at most ten classes",
                   std::to_string(source.channels) + " x " + std::to_string(source.height) + " x " +
                       std::to_string(source.width) + " and " + std::to_string(classes),
                   "use Fashion-MNIST"});
}

}  // namespace

SceneRng::SceneRng(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d)
    : state_(mixed(mixed(mixed(mixed(a) ^ b) ^ c) ^ d)) {}

double SceneRng::unit() {
  state_ += kGolden;
  return static_cast<double>(finished(state_) >> 11) * 0x1p-53;
}

SceneProfile scene_profile(const std::string& id) {
  if (id == "kd") return {.smallest = 0.75, .largest = 1.2, .visible = 0.50, .noise = 0.03, .clutter = 3};
  if (id == "ssl") return {.smallest = 1.0, .largest = 1.2, .visible = 0.75, .noise = 0.02, .clutter = 0};
  throw DeclarationError({"unknown profile of garment scenes", "profile", "kd or ssl", "\"" + id + "\"", ""});
}

GarmentPools garment_pools(const ImageSplit& source, std::uint64_t seed, SceneSplit split) {
  const auto kept = source.count * 5 / 6;
  const auto from = split == SceneSplit::kValidation ? kept : 0, to = split == SceneSplit::kTrain ? kept : source.count;
  GarmentPools pools;
  for (auto id = from; id < to; ++id) pools.queue[source.labels[static_cast<std::size_t>(id)]].push_back(id);
  for (std::size_t c = 0; c < pools.queue.size(); ++c) {
    auto& queue = pools.queue[c];
    SceneRng rng(seed, static_cast<std::uint64_t>(split), 1000 + c);
    for (std::size_t i = queue.size(); i-- > 1;) {
      std::swap(queue[i], queue[static_cast<std::size_t>(rng.below(static_cast<int>(i + 1)))]);
    }
    const auto clutter = static_cast<std::ptrdiff_t>(queue.size() / 10);
    pools.clutter[c].assign(queue.end() - clutter, queue.end());
    queue.resize(queue.size() - pools.clutter[c].size());
  }
  return pools;
}

Scenes make_scenes(const ImageSplit& train, const ImageSplit& test, std::uint64_t seed, SceneSplit split,
                   std::int64_t count, const SceneProfile& profile) {
  const auto& source = split == SceneSplit::kTest ? test : train;
  check_source(source);
  Generator generator(source, garment_pools(source, seed, split), seed, split, profile);
  Scenes scenes{.count = count};
  for (std::int64_t i = 0; i < count; ++i) {
    const auto scene = generator.make(static_cast<std::uint64_t>(i));
    scenes.pixels.append(scene.pixels.begin(), scene.pixels.end());
    scenes.labels.append(scene.labels.begin(), scene.labels.end());
  }
  return scenes;
}

}  // namespace assay::multi_label
