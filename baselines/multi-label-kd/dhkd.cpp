// Dual-head knowledge distillation (Yang et al., KDD 2025), multi-label form: the loss on logits has a head of its own
// on the student's embeddings, which is dropped after training.
//
// R1  Main head z, auxiliary head z' on the same label-wise embeddings E_ik. head = linear: z'_ik = <w'_k, E_ik> +
//     b'_k; mlp: one perceptron D -> D -> 1 with ReLU for all labels; single: z' = z, both losses on one head.
// R2  L = BCE(z, y) + L2, L2 = alpha tau^2 (1/B) sum_ik ln cosh((z'_ik - z^T_ik) / (2 tau)): the code's BinaryKL-Norm,
//     the divergence of sigmoid((z' - z^T) / tau) from Ber(1/2). Its gradient is bounded by alpha tau / 2 / B. With e =
//     (z' - z^T) / tau it is softplus(e) - e / 2 - ln 2, which does not overflow.
// R3  align: g1, g2 are the gradients of both losses over the shared parameters, all but the heads. <g1, g2> < 0: g2 <-
//     g2 - <g1, g2> / |g1|^2 g1. The step uses g1 + g2. ga_scope = all: over all parameters, as in the code, where the
//     norm contains the main head's and its gradient grows, too.
// R4  alpha = 0 is the student alone. The auxiliary head is drawn after the main network and from a stream of its own.
#include <algorithm>
#include <cmath>

#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

torch::Tensor dhkd_loss(const torch::Tensor& student, const torch::Tensor& teacher, double tau) {  // R2
  const auto e = (student - teacher) / tau;
  return tau * tau * (torch::softplus(e) - e / 2 - std::log(2.0)).sum() / student.size(0);
}

// R3: gradients of the step, parameter by parameter; an undefined gradient is 0.
std::vector<torch::Tensor> dhkd_aligned(const std::vector<torch::Tensor>& task,
                                        const std::vector<torch::Tensor>& distillation,
                                        const std::vector<bool>& in_scope) {
  double product = 0, norm = 0;
  for (std::size_t i = 0; i < task.size(); ++i) {
    if (!in_scope[i] || !task[i].defined()) continue;
    norm += task[i].square().sum().item<double>();
    if (distillation[i].defined()) product += (task[i] * distillation[i]).sum().item<double>();
  }
  const double against = product < 0 && norm > 0 ? product / norm : 0;
  std::vector<torch::Tensor> sums;
  for (std::size_t i = 0; i < task.size(); ++i) {
    if (!task[i].defined()) {
      sums.push_back(distillation[i]);
      continue;
    }
    const auto own = in_scope[i] ? task[i] * (1 - against) : task[i];
    sums.push_back(distillation[i].defined() ? own + distillation[i] : own);
  }
  return sums;
}

void dhkd_backward(const Losses& losses, const std::vector<torch::Tensor>& parameters,
                   const std::vector<bool>& in_scope) {
  const auto gradients = [&](const torch::Tensor& loss, bool keep_graph) {
    return torch::autograd::grad({loss}, parameters, {}, keep_graph, /*create_graph=*/false, /*allow_unused=*/true);
  };
  const auto task = gradients(losses.task, true);
  const auto sums = dhkd_aligned(task, gradients(losses.distillation, false), in_scope);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    // Copied: autograd may hand out views, which an optimiser cannot clear.
    if (sums[i].defined()) parameters[i].mutable_grad() = sums[i].clone();
  }
}

class DhkdMlpImpl : public torch::nn::Module {
 public:
  explicit DhkdMlpImpl(std::int64_t embedding)
      : hidden_(register_module("hidden", learn::Dense(embedding, embedding))),
        out_(register_module("out", learn::Dense(embedding, 1))) {}
  torch::Tensor forward(const torch::Tensor& e) { return out_(hidden_(e).relu()).squeeze(-1); }

 private:
  learn::Dense hidden_, out_;
};
TORCH_MODULE(DhkdMlp);

class Dhkd final : public Method {
 public:
  explicit Dhkd(StrictObject& card)
      : alpha_(card.real("alpha")),
        tau_(card.real("tau")),
        head_(card.choice("head", {"linear", "mlp", "single"})),
        align_(card.flag_or("align", false)),
        all_(card.choice("ga_scope", {"shared", "all"}) == "all") {}

  Predictor fit(const View& view) override {
    Plan plan;
    plan.student = view.student();
    plan.taught = alpha_ > 0;
    if (!plan.taught) {
      plan.loss = [](const Batch& batch, const Taps& student, const Taps&) {
        return Losses{bce(student.z, batch.y), {}};
      };
      return train(view, plan);
    }
    const auto logits = head(view, plan);
    plan.loss = [logits, alpha = alpha_, tau = tau_](const Batch& batch, const Taps& student, const Taps& teacher) {
      return Losses{bce(student.z, batch.y), alpha * dhkd_loss(logits(student), teacher.z, tau)};
    };
    if (align_) plan.backward = aligned(plan);
    return train(view, plan);
  }

 private:
  // R1: what makes z' of the student's taps; adds a head to the plan.
  std::function<torch::Tensor(const Taps&)> head(const View& view, Plan& plan) const {
    if (head_ == "single") return [](const Taps& student) { return student.z; };
    auto stream = view.stream("method");
    const auto width = view.student_sizes().embedding;
    if (head_ == "mlp") {
      DhkdMlp mlp(width);
      learn::initialise(*mlp, stream);
      plan.along.push_back(mlp.ptr());
      return [mlp](const Taps& student) mutable { return mlp(student.e); };
    }
    learn::LabelHead linear(view.classes, width);
    linear->initialise(2 / static_cast<double>(width + 1), 0, stream);
    plan.along.push_back(linear.ptr());
    return [linear](const Taps& student) mutable { return linear(student.e); };
  }

  std::function<void(const Losses&)> aligned(const Plan& plan) const {
    auto parameters = plan.student->parameters();
    const auto main = plan.student->head()->parameters();
    std::vector<bool> in_scope;
    for (const auto& parameter : parameters) {
      const auto same = [&](const torch::Tensor& other) { return other.is_same(parameter); };
      in_scope.push_back(all_ || std::none_of(main.begin(), main.end(), same));
    }
    for (const auto& module : plan.along) {
      for (const auto& parameter : module->parameters()) {
        parameters.push_back(parameter);
        in_scope.push_back(all_);
      }
    }
    return [parameters, in_scope](const Losses& losses) { dhkd_backward(losses, parameters, in_scope); };
  }

  double alpha_, tau_;
  std::string head_;
  bool align_, all_;
};

const Register<Dhkd> dhkd_registered{"dhkd"};

}  // namespace assay::multi_label_kd
