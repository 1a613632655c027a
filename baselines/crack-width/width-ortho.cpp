// Orthogonal projection along the skeleton's normal.
//
// R1  s(q) is the skeleton pixel nearest to the check point. The principal axis of the skeleton's points within
//     `radius` px of it is the tangent phi; fewer than 2 points: no value.
// R2  w = Chord(s(q), phi + 90 degrees): two rays on the interpolated mask; no value where one of them does not end.
#include <numbers>

#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class WidthOrtho final : public Method {
 public:
  explicit WidthOrtho(StrictObject& card) : radius_(card.real("radius")) {}

  void prepare(const MaskFacts& facts) override {
    facts_ = &facts;
    facts.skeleton();
  }

  std::optional<Measurement> measure(const Question& question) override {
    const auto s = medial_pixel(*facts_, question.at);
    if (!s) return std::nullopt;
    const auto tangent = medial_tangent(*facts_, *s, radius_);  // R1
    if (!tangent) return std::nullopt;
    const auto found = chord(facts_->mask(), *s, *tangent + std::numbers::pi / 2);  // R2
    if (!found) return std::nullopt;
    return Measurement{.width = found->width, .chord = found};
  }

 private:
  double radius_;
  const MaskFacts* facts_ = nullptr;
};

const Register<WidthOrtho> width_ortho_registered{"width-ortho"};

}  // namespace assay::crack_width
