// The ceiling: knows in which direction the crack runs.
//
// R1  w = Chord(q, heading + 90 degrees), with the true heading of the centre line from five stored points before the
//     check point to five after it. What is left is pixelisation and the rounding of q.
#include <numbers>

#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class OracleDirection final : public Method {
 public:
  explicit OracleDirection(StrictObject&) {}

  void prepare(const MaskFacts& facts) override { facts_ = &facts; }

  std::optional<Measurement> measure(const Question& question) override {
    const auto found = chord(facts_->mask(), question.at, question.privileged.heading() + std::numbers::pi / 2);
    if (!found) return std::nullopt;
    return Measurement{.width = found->width, .chord = found};
  }

 private:
  const MaskFacts* facts_ = nullptr;
};

const Register<OracleDirection> oracle_direction_registered{"oracle-direction"};

}  // namespace assay::crack_width
