// Lower envelopes of parabolas (Felzenszwalb and Huttenlocher, Theory of Computing 2012) with crossings in integers
// (Meijster, Roerdink and Hesselink, ISMM 2000). Not cv::distanceTransform: its single-precision roots cannot be squared
// back to the right integer where the distance is above 2000 pixels, as in a photograph of 2000 x 1500.
#include "vision/distance.hpp"

#include <algorithm>

namespace assay::vision {

namespace {

constexpr std::int64_t kNone = -1;  // no pixel of the mask in this column

// Rows between each pixel and the nearest one of the mask in its column.
Grid<std::int64_t> distance_in_column(const Mask& mask) {
  Grid<std::int64_t> rows(mask.height, mask.width, kNone);
  for (std::int64_t i = 0; i < mask.height; ++i) {
    for (std::int64_t j = 0; j < mask.width; ++j) {
      const std::int64_t above = i > 0 ? rows(i - 1, j) : kNone;
      rows(i, j) = mask(i, j) ? 0 : above == kNone ? kNone : above + 1;
    }
  }
  for (std::int64_t i = mask.height - 2; i >= 0; --i) {
    for (std::int64_t j = 0; j < mask.width; ++j) {
      const std::int64_t below = rows(i + 1, j);
      if (below != kNone && (rows(i, j) == kNone || below + 1 < rows(i, j))) rows(i, j) = below + 1;
    }
  }
  return rows;
}

struct Parabola {  // (j - column)^2 + height is the lowest one at columns j >= from, up to the next one's `from`
  std::int64_t column, height, from;
};

// The first integer at which `right` is below `left`, which begins left of it.
std::int64_t takes_over(const Parabola& left, const Parabola& right) {
  const std::int64_t rise = right.column * right.column - left.column * left.column + right.height - left.height;
  const std::int64_t run = 2 * (right.column - left.column);
  return rise < 0 ? 0 : rise / run + 1;  // left of the picture all are the same
}

class Envelope {
 public:
  void clear() { parabolas_.clear(); }

  void add(std::int64_t column, std::int64_t height) {
    Parabola next{column, height, 0};
    while (!parabolas_.empty() && (next.from = takes_over(parabolas_.back(), next)) <= parabolas_.back().from) {
      parabolas_.pop_back();
    }
    if (parabolas_.empty()) next.from = 0;
    parabolas_.push_back(next);
  }

  const std::vector<Parabola>& parabolas() const { return parabolas_; }

 private:
  std::vector<Parabola> parabolas_;
};

}  // namespace

Grid<std::int64_t> squared_distance(const Mask& mask) {
  const auto rows = distance_in_column(mask);
  Grid<std::int64_t> squares(mask.height, mask.width, kUnreachable);
  Envelope envelope;
  for (std::int64_t i = 0; i < mask.height; ++i) {
    envelope.clear();
    for (std::int64_t j = 0; j < mask.width; ++j) {
      if (rows(i, j) != kNone) envelope.add(j, rows(i, j) * rows(i, j));
    }
    const auto& parabolas = envelope.parabolas();
    for (std::size_t k = 0; k < parabolas.size(); ++k) {
      const auto& [column, height, from] = parabolas[k];
      const std::int64_t end = k + 1 < parabolas.size() ? std::min(parabolas[k + 1].from, mask.width) : mask.width;
      for (std::int64_t j = from; j < end; ++j) squares(i, j) = (j - column) * (j - column) + height;
    }
  }
  return squares;
}

}  // namespace assay::vision
