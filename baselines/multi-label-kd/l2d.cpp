// L2D, multi-label knowledge distillation (Yang et al., ICCV 2023): each label's probability, and how the label-wise
// embeddings E_ik lie to each other.
//
// R1  L_MLD = (1/B) sum_ik KL(Ber(sigmoid(z^T_ik)) || Ber(sigmoid(z^S_ik))) (Eq. 3, no temperature).
// R2  Class-aware (CD): a group is a class k with its examples, rows E_ik with y_ik = 1. Instance-aware (ID): a group
//     is an example with its labels, the same rows sorted the other way. Unknown labels belong to no group.
// R3  Of a group of n rows: l = (1/n) sum over ordered pairs of H(d^S / mu^S, d^T / mu^T), d Euclidean distances, mu
//     each network's mean of them (through mu^S there is a gradient), H the Huber loss with its knee at 1. L_CD, L_ID:
//     sums over groups. norm = batch: one mu over all groups; norm = none: no mu.
// R4  L = L_BCE + lam_mld L_MLD + (lam_cd L_CD + lam_id L_ID) / B, as the code weights CD and ID against its summed
//     BCE. mld_scale = code: lam_mld / B, as it weights MLD. bce_reduction = sum: the loss of R4 times B.
// R5  form = paper_literal (Eq. 4 to 8): l without mu and without 1/n, L_CD and L_ID without 1/B.
// R6  A weight of 0 switches a part off; all of them 0 is the student alone. Groups of two are 0 with norm = group.
#include "learn/pairwise_distances.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

struct L2dForm {
  bool literal = false;
  learn::DistanceScale scale = learn::DistanceScale::kGroup;
};

// R3, R5: student and teacher [groups, n, width], members [groups, n].
torch::Tensor l2d_groups(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& members,
                         const L2dForm& form) {
  if (form.literal) {
    return learn::distance_losses(student, teacher, members, learn::DistanceScale::kNone).sum();
  }
  const auto losses = learn::distance_losses(student, teacher, members, form.scale);
  return (losses / members.sum(1).clamp_min(1)).sum();
}

torch::Tensor l2d_class_aware(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                              const L2dForm& form) {  // R2
  return l2d_groups(student.transpose(0, 1), teacher.transpose(0, 1), y.eq(1).t(), form);
}

torch::Tensor l2d_instance_aware(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                                 const L2dForm& form) {  // R2
  return l2d_groups(student, teacher, y.eq(1), form);
}

struct L2dSettings {
  double lam_mld = 0, lam_cd = 0, lam_id = 0;
  L2dForm form;
  bool sum = false, mld_of_code = false;
};

Losses l2d_losses(const torch::Tensor& y, const Taps& student, const Taps& teacher, const L2dSettings& settings) {
  const auto batch = static_cast<double>(y.size(0)), whole = settings.sum ? batch : 1;
  const auto task = bce(student.z, y);
  Losses losses{settings.sum ? batch * task : task, {}};
  const auto add = [&](double weight, const torch::Tensor& loss) {
    losses.distillation = losses.distillation.defined() ? losses.distillation + weight * loss : weight * loss;
  };
  if (settings.lam_mld > 0) {
    add(settings.lam_mld * whole / (settings.mld_of_code ? batch : 1), bkl(teacher.z, student.z).sum() / batch);  // R1
  }
  const double embedding = settings.form.literal ? 1 : whole / batch;  // R4, R5
  if (settings.lam_cd > 0) {
    add(settings.lam_cd * embedding, l2d_class_aware(student.e, teacher.e, y, settings.form));
  }
  if (settings.lam_id > 0) {
    add(settings.lam_id * embedding, l2d_instance_aware(student.e, teacher.e, y, settings.form));
  }
  return losses;
}

class L2d final : public Method {
 public:
  explicit L2d(StrictObject& card) {
    settings_.lam_mld = card.real("lam_mld");
    settings_.lam_cd = card.real("lam_cd");
    settings_.lam_id = card.real("lam_id");
    settings_.form.literal = card.choice("form", {"code", "paper_literal"}) == "paper_literal";
    const auto norm = card.choice("norm", {"group", "batch", "none"});
    settings_.form.scale = norm == "group"   ? learn::DistanceScale::kGroup
                           : norm == "batch" ? learn::DistanceScale::kBatch
                                             : learn::DistanceScale::kNone;
    settings_.sum = card.choice("bce_reduction", {"batchmean", "sum"}) == "sum";
    settings_.mld_of_code = card.choice("mld_scale", {"paper", "code"}) == "code";
  }

  Predictor fit(const View& view) override {
    return train(view, {.student = view.student(),
                        .taught = settings_.lam_mld > 0 || settings_.lam_cd > 0 || settings_.lam_id > 0,
                        .loss = [settings = settings_](const Batch& batch, const Taps& student, const Taps& teacher) {
                          return l2d_losses(batch.y, student, teacher, settings);
                        }});
  }

 private:
  L2dSettings settings_;
};

const Register<L2d> l2d_registered{"l2d"};

}  // namespace assay::multi_label_kd
