// The shortest edge pair across the skeleton.
//
// R1  s = s(q) and its tangent as in width-ortho (R1 there); n is the normal. No tangent: no value.
// R2  Boundary pixels b are split by the sign of (b - s).n, those with 0 belong to neither side; b1 and b2 are the ones
//     nearest to s on each side, of equally near ones the first in row-major order.
// R3  w = |b1 - b2| + 1: from outer edge to outer edge, exact for strips along the axes.
// R4  Where one side is empty: 2 EDT(s), as width-dt with delta = 0.
#include <cmath>

#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class WidthPair final : public Method {
 public:
  explicit WidthPair(StrictObject& card) : radius_(card.real("radius")) {}

  void prepare(const MaskFacts& facts) override {
    facts_ = &facts;
    facts.depth_squared();
    facts.skeleton();
    facts.boundary();
  }

  std::optional<Measurement> measure(const Question& question) override {
    const auto s = medial_pixel(*facts_, question.at);
    if (!s) return std::nullopt;
    const auto tangent = medial_tangent(*facts_, *s, radius_);  // R1
    if (!tangent) return std::nullopt;
    const Place n{-std::sin(*tangent), std::cos(*tangent)};
    const auto nearest_on = [&](double side) {
      return facts_->boundary().nearest(*s, [&](const Pixel& b) {
        return side * (static_cast<double>(b.x - s->x) * n.x + static_cast<double>(b.y - s->y) * n.y) > 0;
      });
    };
    const auto b1 = nearest_on(-1), b2 = nearest_on(1);  // R2
    return b1 && b2 ? between(*b1, *b2) : around(*s);
  }

 private:
  static Measurement between(const Pixel& b1, const Pixel& b2) {
    const double width = std::sqrt(static_cast<double>(squared_distance(b1, b2))) + 1;  // R3
    const auto centre = [](const Pixel& b) { return Place{static_cast<double>(b.x), static_cast<double>(b.y)}; };
    return {.width = width, .chord = Chord{width, centre(b1), centre(b2)}, .stage = "pair"};
  }

  std::optional<Measurement> around(const Pixel& s) const {
    const auto disc = inscribed_disc(*facts_, s);
    if (!disc) return std::nullopt;
    return Measurement{.width = 2 * disc->radius, .disc = disc, .stage = "distance"};  // R4
  }

  double radius_;
  const MaskFacts* facts_ = nullptr;
};

const Register<WidthPair> width_pair_registered{"width-pair"};

}  // namespace assay::crack_width
