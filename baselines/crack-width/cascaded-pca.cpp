// Cascaded PCA (Wang and Pang, arXiv 2511.02144, 2025; first version at ACM Multimedia Asia 2019): the width across the
// crack's main propagation axis, which PCA finds on easy patches and robust PCA on those that PCA's test rejects.
//
// R1  M: boundary pixels within R of the check point (square) that belong to q's 8-connected component of the mask in
//     that square. Fewer than 6: R6.
// R2  alpha = axis of PCA: max Tr(r^T M M^T r) with r^T r = 1, M mean-centred. An angle, since the paper's slope is
//     singular for vertical cracks.
// R3  Rejection chain (reconstructed): alpha is accepted if (a) lambda_2 / lambda_1 <= rho and (b) the axis of the
//     points of M within 0.6 R of q (square) differs from it by at most theta_max; (b) holds where these are fewer than
//     6. The ratio is at most 1 and the angle at most 90 degrees: these values switch (a) and (b) off.
// R4  Where it is rejected: the axis of robust PCA, as in width-rpca (R2 and R3 there).
// R5  w = Chord(q, axis + 90 degrees), which is the horizontal extent after the paper's rotation to the vertical,
//     without resampling. Accepted if it ends and is at most 2R. A rejected one goes to R6, not back to R4.
// R6  Last resort: the shortest chord, as width-shortest.
#include <numbers>

#include "crack-width/patch.hpp"
#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class CascadedPca final : public Method {
 public:
  explicit CascadedPca(StrictObject& card)
      : R_(card.integer("R")), rho_(card.real("rho")), theta_max_(card.real("theta_max")), c_(card.real("c")) {}

  void prepare(const MaskFacts& facts) override {
    facts_ = &facts;
    facts.boundary();
  }

  std::optional<Measurement> measure(const Question& question) override {
    const auto& q = question.at;
    const auto M = patch_boundary(*facts_, q, R_);
    if (M.size() < kFewestPoints) return last_resort(q);  // R1
    const auto centred_M = centred(M);
    const auto pca = principal_axis(centred_M);  // R2
    const bool accepted = accepts(pca, M);
    const double axis = accepted ? pca.angle : robust_axis(centred_M, c_);  // R4
    const auto found = across(facts_->mask(), q, axis, R_);                 // R5
    if (!found) return last_resort(q);
    return Measurement{.width = found->width, .chord = found, .stage = accepted ? "pca" : "rpca"};
  }

 private:
  bool accepts(const Axis& axis, std::vector<Pixel> M) const {  // R3
    if (axis.minor > rho_ * axis.major) return false;
    std::erase_if(M, [this](const Pixel& p) {
      const double inner = 0.6 * static_cast<double>(R_);
      return static_cast<double>(std::max(std::abs(p.x), std::abs(p.y))) > inner;
    });
    if (M.size() < kFewestPoints) return true;
    const double theta_max = theta_max_ / 180 * std::numbers::pi;
    return angle_between(principal_axis(centred(M)).angle, axis.angle) <= theta_max;
  }

  std::optional<Measurement> last_resort(const Pixel& q) const {  // R6
    const auto found = shortest_chord(facts_->mask(), q);
    if (!found) return std::nullopt;
    return Measurement{.width = found->width, .chord = found, .stage = "shortest"};
  }

  std::int64_t R_;
  double rho_, theta_max_, c_;
  const MaskFacts* facts_ = nullptr;
};

const Register<CascadedPca> cascaded_pca_registered{"cascaded-pca"};

}  // namespace assay::crack_width
