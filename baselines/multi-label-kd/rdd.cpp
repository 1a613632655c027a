// Relative difficulty distillation (Liang, Sun, Du, Chen and Huang, Science China Information Sciences 2024): the
// teacher weights the student's task loss. Multi-label form: a pixel becomes a pair of image and label, with one logit.
//
// R1  Teacher: logits z^T and, from its auxiliary head, z^Ta. bkl(a, b) = KL between Ber(sigmoid(a)) and
//     Ber(sigmoid(b)).
// R2  Stage 1, steps below floor(p I) of I: RD = exp(-bkl(z^T, z^Ta)) (Eq. 6 and 7).
// R3  Stage 2: RD = [conf^S <= t] xor [conf^T <= t] (Eq. 9), without gradient. variant = paper: conf = sigmoid(|z|).
//     variant = code: conf = sigmoid((2 y - 1) z), the probability of the true answer, and in place of t, for each
//     network on its own, max(t, k-th smallest conf of the batch), k = floor(min_kept_frac of its pairs). tse_mask =
//     student_only: hard for the student and easy for the teacher, the text's reading of Eq. 9.
// R4  L = (1/B) sum RD BCE(z^S, y) + lam_kd (1/B) sum bkl(z^T, z^S). variant = code in stage 2: the first term is C sum
//     RD BCE / sum RD, 0 where nothing is kept (the code gives NaN).
// R5  Unknown pairs have no task loss and set no limit. z^Ta = z^T: stage 1 is BCE and the second term. z^S = z^T:
//     stage 2 is 0.
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

struct RddSettings {
  double p = 0, t = 0, min_kept_frac = 0, lam_kd = 0;
  bool code = false, student_only = false;
};

torch::Tensor rdd_agreement(const torch::Tensor& main, const torch::Tensor& auxiliary) {  // R2
  return (-bkl(main, auxiliary)).exp();
}

torch::Tensor rdd_unsure(const torch::Tensor& z, double t) { return z.abs().sigmoid().le(t); }  // R3, paper

torch::Tensor rdd_unsure_or_wrong(const torch::Tensor& z, const torch::Tensor& y, double t,
                                  double min_kept_frac) {  // R3, code
  const auto confidence = ((2 * y - 1) * z).sigmoid();
  const auto known = confidence.masked_select(y.ne(multi_label::kUnknown));
  const auto kept = static_cast<std::int64_t>(min_kept_frac * static_cast<double>(known.numel()));
  if (kept == 0) return confidence.le(t);
  return confidence.le(std::get<0>(known.sort())[kept - 1].clamp_min(t));
}

// R3: [B, C], true where the pair is kept.
torch::Tensor rdd_kept(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                       const RddSettings& settings) {
  const auto hard = [&](const torch::Tensor& z) {
    return settings.code ? rdd_unsure_or_wrong(z, y, settings.t, settings.min_kept_frac) : rdd_unsure(z, settings.t);
  };
  const auto for_student = hard(student), for_teacher = hard(teacher);
  return settings.student_only ? for_student.logical_and(for_teacher.logical_not())
                               : for_student.logical_xor(for_teacher);
}

torch::Tensor rdd_task_loss(const torch::Tensor& z, const Taps& teacher, const torch::Tensor& y, bool first_stage,
                            const RddSettings& settings) {
  const auto known = y.ne(multi_label::kUnknown).to(z.scalar_type());
  const auto losses = torch::binary_cross_entropy_with_logits(z, y, {}, {}, torch::Reduction::None) * known;
  if (first_stage) return (rdd_agreement(teacher.z, teacher.z_aux) * losses).sum() / z.size(0);
  const auto weights = rdd_kept(z.detach(), teacher.z, y, settings) * known;
  const auto sum = (weights * losses).sum();
  return settings.code ? z.size(1) * sum / weights.sum().clamp_min(1) : sum / z.size(0);  // R4
}

class Rdd final : public Method {
 public:
  explicit Rdd(StrictObject& card) {
    settings_.p = card.real("p");
    settings_.t = card.real("t");
    settings_.code = card.choice("variant", {"paper", "code"}) == "code";
    settings_.min_kept_frac = card.real("min_kept_frac");
    settings_.student_only = card.choice("tse_mask", {"xor", "student_only"}) == "student_only";
    settings_.lam_kd = card.real("lam_kd");
  }

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .loss = [settings = settings_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          const auto first = static_cast<std::int64_t>(settings.p * static_cast<double>(batch.steps));
                          return Losses{rdd_task_loss(student.z, teacher, batch.y, batch.step < first, settings),
                                        settings.lam_kd * bkl(teacher.z, student.z).sum() / student.z.size(0)};
                        }});
  }

 private:
  RddSettings settings_;
};

const Register<Rdd> rdd_registered{"rdd"};

}  // namespace assay::multi_label_kd
