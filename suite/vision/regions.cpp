#include "vision/regions.hpp"

#include <array>
#include <bit>
#include <opencv2/imgproc.hpp>

#include "vision/opencv.hpp"

namespace assay::vision {

namespace {

// Whether a pixel may be deleted, by its neighbours: bit k of the index is neighbour k, clockwise from the one above.
using Rule = std::array<bool, 256>;

Rule deletable(bool second) {
  Rule rule{};
  for (unsigned code = 0; code < 256; ++code) {
    const auto bits = static_cast<std::uint8_t>(code);
    const int neighbours = std::popcount(bits);
    const int beginnings = std::popcount(static_cast<std::uint8_t>(~bits & std::rotr(bits, 1)));  // 0 to 1, clockwise
    const bool up = code & 1, right = code & 4, down = code & 16, left = code & 64;
    const bool free =
        second ? !(up && right && left) && !(up && down && left) : !(up && right && down) && !(right && down && left);
    rule[code] = neighbours >= 2 && neighbours <= 6 && beginnings == 1 && free;
  }
  return rule;
}

// A mask being thinned. Each pixel keeps the code of its neighbours, and is looked at again only when that has changed:
// the work is in proportion to the pixels, not to pixels times iterations.
class Thinning {
 public:
  explicit Thinning(const Mask& mask)
      : width_(mask.width + 2), pixels_(static_cast<std::size_t>((mask.height + 2) * width_)) {
    steps_ = {-width_, -width_ + 1, 1, width_ + 1, width_, width_ - 1, -1, -width_ - 1};
    for (std::int64_t i = 0; i < mask.height; ++i) {
      for (std::int64_t j = 0; j < mask.width; ++j) {
        if (mask(i, j)) insert((i + 1) * width_ + j + 1);
      }
    }
  }

  void iterate(bool second) {
    static const std::array<Rule, 2> rules{deletable(false), deletable(true)};
    marked_.clear();
    for (const std::int64_t place : due_[second]) {
      auto& pixel = at(place);
      pixel.due[second] = false;
      if (pixel.set && rules[second][pixel.neighbours]) marked_.push_back(place);
    }
    due_[second].clear();
    for (const std::int64_t place : marked_) remove(place);
  }

  bool anything_due() const { return !due_[0].empty() || !due_[1].empty(); }
  bool contains(std::int64_t row, std::int64_t column) const {
    return pixels_[static_cast<std::size_t>((row + 1) * width_ + column + 1)].set;
  }

 private:
  struct Pixel {
    bool set = false;
    std::uint8_t neighbours = 0;
    std::array<bool, 2> due{};
  };

  Pixel& at(std::int64_t place) { return pixels_[static_cast<std::size_t>(place)]; }

  void insert(std::int64_t place) {
    at(place).set = true;
    expect(place);
    for (std::size_t k = 0; k < 8; ++k) at(place + steps_[k]).neighbours |= static_cast<std::uint8_t>(1 << (k ^ 4));
  }

  void remove(std::int64_t place) {
    at(place).set = false;
    for (std::size_t k = 0; k < 8; ++k) {
      auto& neighbour = at(place + steps_[k]);
      neighbour.neighbours &= static_cast<std::uint8_t>(~(1 << (k ^ 4)));
      if (neighbour.set) expect(place + steps_[k]);
    }
  }

  void expect(std::int64_t place) {
    for (std::size_t second : {0, 1}) {
      if (at(place).due[second]) continue;
      at(place).due[second] = true;
      due_[second].push_back(place);
    }
  }

  std::int64_t width_;
  std::array<std::int64_t, 8> steps_;
  std::vector<Pixel> pixels_;
  std::array<std::vector<std::int64_t>, 2> due_;
  std::vector<std::int64_t> marked_;
};

}  // namespace

Mask thinned(const Mask& mask) {
  Thinning thinning(mask);
  while (thinning.anything_due()) {
    thinning.iterate(false);
    thinning.iterate(true);
  }
  Mask skeleton(mask.height, mask.width);
  for (std::int64_t i = 0; i < mask.height; ++i) {
    for (std::int64_t j = 0; j < mask.width; ++j) skeleton(i, j) = thinning.contains(i, j);
  }
  return skeleton;
}

// OpenCV looks at blocks of 2 x 2 pixels, which numbers the components otherwise than their first pixels do.
Components components(const Mask& mask) {
  Components result{0, Grid<std::int32_t>(mask.height, mask.width)};
  if (mask.size() == 0) return result;
  prepare_opencv();
  const int rows = static_cast<int>(mask.height), columns = static_cast<int>(mask.width);
  const cv::Mat source(rows, columns, CV_8UC1, const_cast<std::uint8_t*>(mask.values.data()));
  cv::Mat labels(rows, columns, CV_32SC1, result.labels.values.data());
  const int found = cv::connectedComponents(source, labels, 8, CV_32S);
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(found), 0);
  for (auto& label : result.labels.values) {
    if (label == 0) continue;
    auto& number = numbers[static_cast<std::size_t>(label)];
    if (number == 0) number = static_cast<std::int32_t>(++result.count);
    label = number;
  }
  return result;
}

}  // namespace assay::vision
