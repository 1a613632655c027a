// The second stage of Cascaded PCA alone (Wang and Pang, arXiv 2511.02144, 2025; steps 1, 4 and 5 of cascaded-pca).
//
// R1  M as in width-pca (R1 there).
// R2  min |L|_* + lambda |S|_1 with mean-centred M = L + S, lambda = c / sqrt(N). The axis is the first left singular
//     vector of L; where |L|_F < 0.1 |M|_F, the principal axis of M.
// R3  ADMM with a fixed penalty: the widespread inexact one with a growing penalty stops early and hides that L
//     collapses to 0 for an axis-aligned run at c <= 1. From c = sqrt(3) on a straight run is left untouched; c = 1.5
//     trims.
// R4  w as in width-pca (R3 there).
#include "crack-width/patch.hpp"
#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class WidthRpca final : public Method {
 public:
  explicit WidthRpca(StrictObject& card) : R_(card.integer("R")), c_(card.real("c")) {}

  void prepare(const MaskFacts& facts) override {
    facts_ = &facts;
    facts.boundary();
  }

  std::optional<Measurement> measure(const Question& question) override {
    const auto M = patch_boundary(*facts_, question.at, R_);
    if (M.size() < kFewestPoints) return std::nullopt;                                        // R1
    const auto found = across(facts_->mask(), question.at, robust_axis(centred(M), c_), R_);  // R2, R4
    if (!found) return std::nullopt;
    return Measurement{.width = found->width, .chord = found};
  }

 private:
  std::int64_t R_;
  double c_;
  const MaskFacts* facts_ = nullptr;
};

const Register<WidthRpca> width_rpca_registered{"width-rpca"};

}  // namespace assay::crack_width
