// The shortest chord.
//
// R1  w = min over phi = k 5 degrees, k = 0..35, of Chord(q, phi); directions in which the chord does not end are left
//     out, no value where none ends. Of equal ones the first is drawn.
#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class WidthShortest final : public Method {
 public:
  explicit WidthShortest(StrictObject&) {}

  void prepare(const MaskFacts& facts) override { facts_ = &facts; }

  std::optional<Measurement> measure(const Question& question) override {
    const auto found = shortest_chord(facts_->mask(), question.at);
    if (!found) return std::nullopt;
    return Measurement{.width = found->width, .chord = found};
  }

 private:
  const MaskFacts* facts_ = nullptr;
};

const Register<WidthShortest> width_shortest_registered{"width-shortest"};

}  // namespace assay::crack_width
