// Updates of a network's weights from one mini-batch: the plain optimiser, and rules that look at several points around the
// weights (SAM and its kin). What is easy to get wrong lies here once:
//
//   - the batch is frozen: every evaluation of a step sees the same rows, augmentation and targets;
//   - weights are restored by copying a clone back, never by subtracting, and never share storage with it;
//   - only the first evaluation of a step changes buffers (batch-norm statistics); the others are undone;
//   - weight decay, momentum and Adam's moments act in the final step alone, at the restored weights;
//   - a weight without a gradient in the final evaluation is left out of that step, not given a zero gradient.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "learn/batches.hpp"

namespace assay::learn {

enum class Optimiser { kSgd, kAdam };  // Adam (Kingma and Ba, ICLR 2015) with its usual betas (0.9, 0.999)

struct Recipe {
  std::int64_t epochs = 0, batch = 0;
  double learning_rate = 0, momentum = 0, weight_decay = 0;
  Optimiser optimiser = Optimiser::kSgd;
};

struct Progress {
  double t = 0;                        // share of training that is over
  std::int64_t epoch = 0, epochs = 0;  // from 0
  double learning_rate = 0;
};

struct Scored {
  torch::Tensor loss;    // scalar with its graph
  torch::Tensor logits;  // of the batch, or undefined
};
// The loss of a batch at the weights as they stand. Draws nothing: two calls at one point give the same bits.
using Score = std::function<Scored(const Batch&)>;

class UpdateRule {
 public:
  UpdateRule(torch::nn::Module& module, const Recipe& recipe);
  virtual ~UpdateRule() = default;

  // One update. Returns the loss at the weights before it; NonFinite where that is not a number. Whatever is thrown
  // leaves weights and buffers as they were.
  double step(const Score& score, const Batch& batch, const Progress& progress);

 protected:
  struct Gradient {
    torch::Tensor flat;         // [weights], zero where undefined
    std::vector<bool> defined;  // per parameter
    Scored scored;              // detached
  };

  virtual void update(const Batch& batch, const Progress& progress) = 0;

  Gradient gradient(const Batch& batch);   // at the weights as they stand; the first of a step moves buffers
  void displace(const torch::Tensor& by);  // weights = origin + by
  // One step of the optimiser along `direction` from the restored weights, or from origin + offset.
  void apply(const Gradient& last, const torch::Tensor& direction, const torch::Tensor& offset = {});
  double base_learning_rate() const { return recipe_.learning_rate; }

 private:
  void restore_weights();
  void restore_buffers();

  Recipe recipe_;
  std::vector<torch::Tensor> weights_, buffers_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  const Score* score_ = nullptr;
  torch::Tensor origin_;                      // flat clone of the weights before the step
  std::vector<torch::Tensor> moved_buffers_;  // clones of the buffers after the step's first evaluation
  bool evaluated_ = false;                    // in this step
  double first_loss_ = 0;
};

// v / (|v| + tiny): zero stays zero.
torch::Tensor unit(const torch::Tensor& v);

// The optimiser itself, at the gradient of the loss.
class PlainRule final : public UpdateRule {
 public:
  using UpdateRule::UpdateRule;

 private:
  void update(const Batch& batch, const Progress& progress) override;
};

using MakeRule = std::function<std::unique_ptr<UpdateRule>(torch::nn::Module&, const Recipe&)>;
MakeRule plain_rule();

}  // namespace assay::learn
