// Relative difficulty distillation (Liang, Sun, Du, Chen and Huang, Science China Information Sciences 2024): the
// teacher weights the student's task loss, pixel by pixel. Binary form, with one logit z in place of the softmax.
//
// R1  Teacher: the task's U-Net with an auxiliary head, logits z^T and z^Ta. Student: the same U-Net with half the
//     channels and no auxiliary head.
// R2  bkl(a, b) = KL between the Bernoulli distributions sigmoid(a) and sigmoid(b). L_kd = mean bkl(z^T, z^S), always
//     on, weight 1, temperature 1 (Eq. 2; teacher first, as in the code).
// R3  Stage 1, steps below floor(p I): RD = exp(-bkl(z^T, z^Ta)) (Eq. 6 and 7). L = mean RD BCE(z^S, y) + L_kd (Eq. 8).
// R4  Stage 2: RD = [conf^S <= t] xor [conf^T <= t] (Eq. 9), without gradient. variant = paper: conf = sigmoid(|z|),
//     and the mean runs over all pixels. variant = code: conf = probability of the true label, compared with max(t, the
//     k-th smallest of the batch), k = min_kept_frac of its pixels, and the mean runs over the kept pixels (RD = 1)
//     only; none kept: L_kd alone (the code gives NaN).
// R5  distil = kd: mean BCE + L_kd. distil = none: mean BCE, no teacher.
// R6  Ignored pixels count in no mean. z^Ta = z^T: stage 1 is distil = kd. z^S = z^T: stage 2 is 0.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

torch::Tensor rdd_bkl(const torch::Tensor& a, const torch::Tensor& b) {  // R2, per pixel
  const auto p = a.sigmoid();
  return p * (torch::log_sigmoid(a) - torch::log_sigmoid(b)) +
         (1 - p) * (torch::log_sigmoid(-a) - torch::log_sigmoid(-b));
}

torch::Tensor rdd_hard(const torch::Tensor& confidence, double t) { return confidence.le(t); }

torch::Tensor rdd_paper_mask(const torch::Tensor& student, const torch::Tensor& teacher, double t) {  // R4
  return rdd_hard(student.abs().sigmoid(), t).logical_xor(rdd_hard(teacher.abs().sigmoid(), t));
}

// [true where the true label is hard for this network]; ignored pixels do not set the limit.
torch::Tensor rdd_code_hard(const torch::Tensor& logits, const torch::Tensor& labels, double t, double min_kept_frac) {
  const auto confidence = ((2 * labels - 1) * logits).sigmoid();
  const auto valid = confidence.masked_select(labels.ne(0.5));
  const auto kept = static_cast<std::int64_t>(min_kept_frac * static_cast<double>(valid.numel()));
  double limit = t;
  if (kept > 0) limit = std::max(t, std::get<0>(valid.kthvalue(kept)).item<double>());
  return rdd_hard(confidence, limit);
}

torch::Tensor rdd_code_mask(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& labels,
                            double t, double min_kept_frac) {
  return rdd_code_hard(student, labels, t, min_kept_frac).logical_xor(rdd_code_hard(teacher, labels, t, min_kept_frac));
}

struct RddSettings {
  double p = 0, t = 0, min_kept_frac = 0;
  bool code = false;
};

// The task loss weighted by RD. teacher: z^Ta, then z^T.
torch::Tensor rdd_task_loss(const torch::Tensor& student, const Maps& teacher, const torch::Tensor& labels,
                            bool first_stage, const RddSettings& settings) {
  const auto losses = pixel_bce(student, labels), counted = judged(labels);
  if (first_stage) return mean_over((-rdd_bkl(teacher[1], teacher[0])).exp() * losses, counted);  // R3
  const auto z = student.detach();
  if (!settings.code) {
    return mean_over(rdd_paper_mask(z, teacher[1], settings.t).to(losses.scalar_type()) * losses, counted);
  }
  const auto kept = rdd_code_mask(z, teacher[1], labels, settings.t, settings.min_kept_frac);
  return mean_over(losses, kept.to(losses.scalar_type()) * counted);
}

std::vector<std::int64_t> rdd_student_widths(const std::vector<std::int64_t>& widths) {  // R1
  std::vector<std::int64_t> halves;
  for (const auto width : widths) halves.push_back(std::max<std::int64_t>(width / 2, 1));
  return halves;
}

class Rdd final : public Method {
 public:
  explicit Rdd(StrictObject& card) : distil_(card.choice("distil", {"rdd", "kd", "none"})) {
    settings_.p = card.real("p");
    settings_.t = card.real("t");
    settings_.min_kept_frac = card.real("min_kept_frac");
    settings_.code = card.choice("variant", {"paper", "code"}) == "code";
  }

  Predictor fit(const View& view) override {
    const auto network = network_of(view, learn::UNet(rdd_student_widths(view.widths)));
    if (distil_ == "none") {
      return train(view, {.network = network,
                          .loss = [](const Maps& maps, const Batch& batch) { return mean_bce(maps.back(), batch.y); }});
    }
    const auto first = static_cast<std::int64_t>(settings_.p * static_cast<double>(view.schedule.steps));
    return train(view, {.network = network,
                        .loss = [teacher = view.teacher(), first, weighted = distil_ == "rdd", settings = settings_](
                                    const Maps& maps, const Batch& batch) mutable {
                          Maps taught;
                          {
                            torch::NoGradGuard no_grad;
                            taught = teacher->forward(batch.x);
                          }
                          const auto& z = maps.back();
                          const auto task = weighted ? rdd_task_loss(z, taught, batch.y, batch.step < first, settings)
                                                     : mean_bce(z, batch.y);
                          return task + mean_over(rdd_bkl(taught[1], z), judged(batch.y));
                        }});
  }

 private:
  RddSettings settings_;
  std::string distil_;
};

const Register<Rdd> rdd_registered{"rdd"};

}  // namespace assay::cracks
