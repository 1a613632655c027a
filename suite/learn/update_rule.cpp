#include "learn/update_rule.hpp"

#include <cmath>

#include "learn/registry.hpp"

namespace assay::learn {

namespace {

constexpr double kTiny = 1e-12;

std::vector<torch::Tensor> clones(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> copies;
  for (const auto& tensor : tensors) copies.push_back(tensor.detach().clone());
  return copies;
}

void copy_back(const std::vector<torch::Tensor>& from, const std::vector<torch::Tensor>& to) {
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
}

torch::Tensor flattened(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> parts;
  for (const auto& tensor : tensors) parts.push_back(tensor.detach().reshape({-1}));
  return torch::cat(parts);
}

// Calls use(tensor, the part of `flat` that belongs to it, in the tensor's shape).
template <typename Use>
void for_each_part(const std::vector<torch::Tensor>& tensors, const torch::Tensor& flat, const Use& use) {
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    use(i, flat.narrow(0, offset, tensors[i].numel()).view_as(tensors[i]));
    offset += tensors[i].numel();
  }
}

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const std::vector<torch::Tensor>& weights,
                                                        const Recipe& recipe) {
  if (recipe.optimiser == Optimiser::kAdam) {
    return std::make_unique<torch::optim::Adam>(
        weights, torch::optim::AdamOptions(recipe.learning_rate).weight_decay(recipe.weight_decay));
  }
  return std::make_unique<torch::optim::SGD>(
      weights,
      torch::optim::SGDOptions(recipe.learning_rate).momentum(recipe.momentum).weight_decay(recipe.weight_decay));
}

}  // namespace

torch::Tensor unit(const torch::Tensor& v) { return v / (v.norm() + kTiny); }

UpdateRule::UpdateRule(torch::nn::Module& module, const Recipe& recipe)
    : recipe_(recipe),
      weights_(module.parameters()),
      buffers_(module.buffers()),
      optimiser_(make_optimiser(weights_, recipe)) {}

double UpdateRule::step(const Score& score, const Batch& batch, const Progress& progress) {
  optimiser_->param_groups()[0].options().set_lr(progress.learning_rate);
  origin_ = flattened(weights_);
  evaluated_ = false;
  score_ = &score;
  const auto buffers_before = clones(buffers_);
  try {
    update(batch, progress);
  } catch (...) {
    restore_weights();
    copy_back(buffers_before, buffers_);
    throw;
  }
  restore_buffers();
  return first_loss_;
}

UpdateRule::Gradient UpdateRule::gradient(const Batch& batch) {
  Gradient gradient;
  gradient.scored = (*score_)(batch);
  const double loss = gradient.scored.loss.item<double>();
  if (!std::isfinite(loss)) {
    throw NonFinite("the loss is " + std::to_string(loss) + " in epoch " + std::to_string(batch.epoch + 1) + ", step " +
                    std::to_string(batch.step + 1));
  }
  if (!evaluated_) {
    evaluated_ = true;
    first_loss_ = loss;
    moved_buffers_ = clones(buffers_);
  }
  auto parts = torch::autograd::grad({gradient.scored.loss}, weights_, {}, std::nullopt, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    gradient.defined.push_back(parts[i].defined());
    if (!parts[i].defined()) parts[i] = torch::zeros_like(weights_[i]);
  }
  gradient.flat = flattened(parts);
  gradient.scored.loss = gradient.scored.loss.detach();
  if (gradient.scored.logits.defined()) gradient.scored.logits = gradient.scored.logits.detach();
  return gradient;
}

void UpdateRule::displace(const torch::Tensor& by) {
  torch::NoGradGuard no_grad;
  restore_weights();
  for_each_part(weights_, by, [&](std::size_t i, const torch::Tensor& part) { weights_[i].add_(part); });
}

void UpdateRule::apply(const Gradient& last, const torch::Tensor& direction, const torch::Tensor& offset) {
  restore_weights();
  if (offset.defined()) displace(offset);
  for_each_part(weights_, direction, [&](std::size_t i, const torch::Tensor& part) {
    weights_[i].mutable_grad() = last.defined[i] ? part : torch::Tensor();
  });
  optimiser_->step();
}

void UpdateRule::restore_weights() {
  torch::NoGradGuard no_grad;
  for_each_part(weights_, origin_, [&](std::size_t i, const torch::Tensor& part) { weights_[i].copy_(part); });
}

void UpdateRule::restore_buffers() { copy_back(moved_buffers_, buffers_); }

void PlainRule::update(const Batch& batch, const Progress&) {
  const auto g = gradient(batch);
  apply(g, g.flat);
}

MakeRule plain_rule() {
  return [](torch::nn::Module& module, const Recipe& recipe) { return std::make_unique<PlainRule>(module, recipe); };
}

}  // namespace assay::learn
