// Distance transform on the medial axis.
//
// R1  s(q) is the skeleton pixel nearest to the check point; of equally near ones the first in row-major order.
// R2  w = 2 EDT(s(q)) - delta, with EDT the exact distance to the nearest background pixel's centre.
// R3  A horizontal strip of k = 1..6 rows gives 2 EDT = 2, 2, 4, 4, 6, 6: an even strip is exact, an odd one 1 too
//     wide.
#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class WidthDt final : public Method {
 public:
  explicit WidthDt(StrictObject& card) : delta_(card.real("delta")) {}

  void prepare(const MaskFacts& facts) override {
    facts_ = &facts;
    facts.depth_squared();
    facts.skeleton();
  }

  std::optional<Measurement> measure(const Question& question) override {
    const auto s = medial_pixel(*facts_, question.at);  // R1
    if (!s) return std::nullopt;
    const auto disc = inscribed_disc(*facts_, *s);
    if (!disc) return std::nullopt;
    return Measurement{.width = 2 * disc->radius - delta_, .disc = disc};  // R2
  }

 private:
  double delta_;
  const MaskFacts* facts_ = nullptr;
};

const Register<WidthDt> width_dt_registered{"width-dt"};

}  // namespace assay::crack_width
