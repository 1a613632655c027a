// The first stage of Cascaded PCA alone (Wang and Pang, arXiv 2511.02144, 2025; steps 1, 2 and 5 of cascaded-pca).
//
// R1  M: boundary pixels within R of the check point (square) that belong to q's 8-connected component of the mask in
//     that square; fewer than 6: no value.
// R2  The axis is the first principal component of the mean-centred M.
// R3  w = Chord(q, axis + 90 degrees); no value where it does not end or is longer than 2R.
// R4  A strip of width w seen over a length l has lambda_2 / lambda_1 = 3 w^2 / l^2: with w > l / sqrt(3) the axis is
//     the wrong one. 2R + 1 has to exceed sqrt(3) times the largest width.
#include "crack-width/patch.hpp"
#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class WidthPca final : public Method {
 public:
  explicit WidthPca(StrictObject& card) : R_(card.integer("R")) {}

  void prepare(const MaskFacts& facts) override {
    facts_ = &facts;
    facts.boundary();
  }

  std::optional<Measurement> measure(const Question& question) override {
    const auto M = patch_boundary(*facts_, question.at, R_);
    if (M.size() < kFewestPoints) return std::nullopt;                                             // R1
    const auto found = across(facts_->mask(), question.at, principal_axis(centred(M)).angle, R_);  // R2, R3
    if (!found) return std::nullopt;
    return Measurement{.width = found->width, .chord = found};
  }

 private:
  std::int64_t R_;
  const MaskFacts* facts_ = nullptr;
};

const Register<WidthPca> width_pca_registered{"width-pca"};

}  // namespace assay::crack_width
