// MGCrackNet: multi-granularity context information flow (Pang, Xiong and Wu, IEEE T-ITS 2025). The paper names the
// parts; their layers are reconstructed (card).
//
// R1  Backbone: two convolutions at stride 1, then a dilated block at each further stride. PD(i -> o, m): three
//     parallel 3x3 convolutions i -> m with dilations 1, 2, 4, concatenated, batch norm, ReLU, 1x1 convolution 3m -> o,
//     batch norm, ReLU; m = i.
// R2  Stage 1 is the coarsest map h_1 with logits z_1. Stage s takes the backbone's map `low` (C channels) of the next
//     finer stride: t = up(conv1x1(h_{s-1} -> C)), p = sigmoid(up(z_{s-1})), g = 1/2 + sigmoid(conv1x1(low, t -> 1)),
//     h_s = conv3x3(g low, t, p), z_s = conv1x1(h_s). Gradients flow through t, p and g.
// R3  guidance = prob: g = 1. feature: g = 1 and no p. none: no t, p, g: each stage sees its own level alone.
// R4  Labels of a stage by multiple-instance learning: Y_s = max of the labels over the r_s x r_s pixels of a cell; a
//     cell without crack that holds ignored pixels is ignored (0.5 lies between 0 and 1).
// R5  supervision = pixel: L = sum_s mean BCE(z_s, Y_s) + mu sum_{s<K} mean BCE(maxpool2(z_{s+1}), sg sigmoid(z_s)):
//     the finer bag must agree with the coarser cell. Cells that Y_s ignores are left out of both.
// R6  supervision = patch: at every stage mean BCE of the largest logit of each patch against the patch's label; no mu
//     term. Corners of crops are multiples of the patch's side, since shifted patches would leak pixel labels.
// R7  stages = K < all: the finer ones are left out, and the answer is upsampled. K = 1 has no guidance and no mu term.
#include "crack-detection/pixel_losses.hpp"

namespace assay::cracks {

class ContextFlowBlockImpl : public torch::nn::Module {  // R1
 public:
  ContextFlowBlockImpl(std::int64_t in, std::int64_t out, const std::array<std::int64_t, 3>& dilations)
      : norm_(register_module("norm", torch::nn::BatchNorm2d(3 * in))),
        merge_(register_module("merge", learn::Conv(3 * in, out, 1, 1, 0))),
        merge_norm_(register_module("merge_norm", torch::nn::BatchNorm2d(out))) {
    for (std::size_t i = 0; i < dilations.size(); ++i) {
      const auto d = dilations[i];
      branches_.push_back(register_module("branch" + std::to_string(i + 1), learn::Conv(in, in, 3, 1, d, d)));
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    std::vector<torch::Tensor> parallel;
    for (auto& branch : branches_) parallel.push_back(branch(x));
    return merge_norm_(merge_(norm_(torch::cat(parallel, 1)).relu())).relu();
  }

 private:
  std::vector<learn::Conv> branches_;
  torch::nn::BatchNorm2d norm_;
  learn::Conv merge_;
  torch::nn::BatchNorm2d merge_norm_;
};
TORCH_MODULE(ContextFlowBlock);

struct ContextFlowParts {  // of the guidance (R3)
  bool features = false, probability = false, gate = false;
};

class ContextFlowGuidanceImpl : public torch::nn::Module {  // R2, R3
 public:
  ContextFlowGuidanceImpl(std::int64_t coarse, std::int64_t channels, ContextFlowParts parts) {
    if (parts.features) reduce_ = register_module("reduce", learn::Conv(coarse, channels, 1, 1, 0));
    if (parts.gate) gate_ = register_module("gate", learn::Pointwise(2 * channels, 1));
    const auto in = channels + (parts.features ? channels : 0) + (parts.probability ? 1 : 0);
    probability_ = parts.probability;
    block_ = register_module("block", learn::ConvBlock(in, channels));
  }

  // low: the backbone's map; h, z: map and logits of the coarser stage.
  torch::Tensor forward(const torch::Tensor& low, const torch::Tensor& h, const torch::Tensor& z) {
    std::vector<torch::Tensor> inputs{low};
    if (reduce_) inputs.push_back(learn::up(reduce_(h), low));
    if (gate_) inputs[0] = (0.5 + gate_(torch::cat(inputs, 1)).sigmoid()) * low;
    if (probability_) inputs.push_back(learn::up(z, low).sigmoid());
    return block_(torch::cat(inputs, 1));
  }

 private:
  learn::Conv reduce_{nullptr};
  learn::Pointwise gate_{nullptr};
  bool probability_ = false;
  learn::ConvBlock block_{nullptr};
};
TORCH_MODULE(ContextFlowGuidance);

class ContextFlowNetImpl : public torch::nn::Module {
 public:
  ContextFlowNetImpl(const std::vector<std::int64_t>& widths, std::size_t stages, ContextFlowParts parts,
                     const std::array<std::int64_t, 3>& dilations)
      : finest_(register_module("finest", learn::ConvBlock(1, widths[0], 2))) {
    const auto levels = widths.size();
    for (std::size_t k = 1; k < levels; ++k) {
      const auto name = "block" + std::to_string(k + 1);
      blocks_.push_back(register_module(name, ContextFlowBlock(widths[k - 1], widths[k], dilations)));
    }
    for (std::size_t s = 0; s < stages; ++s) {
      const auto level = levels - 1 - s;
      const auto number = std::to_string(s + 1);
      if (s > 0) {
        guidance_.push_back(
            register_module("guidance" + number, ContextFlowGuidance(widths[level + 1], widths[level], parts)));
      }
      heads_.push_back(register_module("head" + number, learn::Pointwise(widths[level], 1, learn::kRareLogit)));
    }
  }

  Maps forward(const torch::Tensor& x) {  // z_1 .. z_K, each at its stage's stride
    std::vector<torch::Tensor> levels{finest_(x)};
    for (auto& block : blocks_) levels.push_back(block(learn::halved(levels.back())));
    auto h = levels.back();
    Maps logits{heads_[0](h)};
    for (std::size_t s = 1; s < heads_.size(); ++s) {
      h = guidance_[s - 1](levels[levels.size() - 1 - s], h, logits.back());
      logits.push_back(heads_[s](h));
    }
    return logits;
  }

 private:
  learn::ConvBlock finest_;
  std::vector<ContextFlowBlock> blocks_;
  std::vector<ContextFlowGuidance> guidance_;
  std::vector<learn::Pointwise> heads_;
};
TORCH_MODULE(ContextFlowNet);

// guidance: "gate", "prob", "feature", "none"; dilations: "1-2-4", "1-1-1"; stages: 0 for all.
MapNetwork context_flow_network(const View& view, std::int64_t stages, const std::string& guidance,
                                const std::string& dilations) {
  const auto all = static_cast<std::int64_t>(view.widths.size());
  const ContextFlowParts parts{.features = guidance != "none",
                               .probability = guidance == "gate" || guidance == "prob",
                               .gate = guidance == "gate"};
  const std::array<std::int64_t, 3> rates =
      dilations == "1-2-4" ? std::array<std::int64_t, 3>{1, 2, 4} : std::array<std::int64_t, 3>{1, 1, 1};
  const auto used = static_cast<std::size_t>(stages == 0 ? all : std::min(stages, all));
  return network_of(view, ContextFlowNet(view.widths, used, parts, rates));
}

torch::Tensor context_flow_bags(const torch::Tensor& map, std::int64_t side) {  // the largest value of each cell (R4)
  return side == 1 ? map : torch::max_pool2d(map, side);
}

// `side`: of a cell of the coarser map, in pixels; labels at full size.
torch::Tensor context_flow_agreement(const torch::Tensor& finer, const torch::Tensor& coarser,
                                     const torch::Tensor& labels, std::int64_t side) {  // R5
  const auto losses = pixel_bce(context_flow_bags(finer, 2), coarser.sigmoid().detach());
  return mean_over(losses, judged(context_flow_bags(labels, side)));
}

torch::Tensor context_flow_pixel_loss(const Maps& maps, const torch::Tensor& labels, std::int64_t coarsest, double mu) {
  torch::Tensor total, agreement;
  auto side = coarsest;
  for (std::size_t s = 0; s < maps.size(); ++s, side /= 2) {
    const auto own = mean_bce(maps[s], context_flow_bags(labels, side));
    total = total.defined() ? total + own : own;
    if (mu == 0 || s + 1 == maps.size()) continue;
    const auto pair = context_flow_agreement(maps[s + 1], maps[s], labels, side);
    agreement = agreement.defined() ? agreement + pair : pair;
  }
  return agreement.defined() ? total + mu * agreement : total;
}

torch::Tensor context_flow_patch_loss(const Maps& maps, const torch::Tensor& labels, std::int64_t coarsest,
                                      std::int64_t patch) {  // R6
  const auto bags = context_flow_bags(labels, patch);
  torch::Tensor total;
  auto side = coarsest;
  for (const auto& z : maps) {
    const auto own = mean_bce(context_flow_bags(z, patch / side), bags);
    total = total.defined() ? total + own : own;
    side /= 2;
  }
  return total;
}

class ContextFlow final : public Method {
 public:
  explicit ContextFlow(StrictObject& card)
      : guidance_(card.choice("guidance", {"gate", "prob", "feature", "none"})),
        dilations_(card.choice("dilations", {"1-2-4", "1-1-1"})),
        mu_(card.real("mu")),
        stages_(card.integer("stages")),
        patches_(card.choice("supervision", {"pixel", "patch"}) == "patch") {}

  Predictor fit(const View& view) override {
    const auto coarsest = std::int64_t{1} << (view.widths.size() - 1);
    Plan plan{.network = context_flow_network(view, stages_, guidance_, dilations_)};
    if (patches_) {
      plan.corner_multiple = view.patch;
      plan.loss = [coarsest, patch = view.patch](const Maps& maps, const Batch& batch) {
        return context_flow_patch_loss(maps, batch.y, coarsest, patch);
      };
    } else {
      plan.loss = [coarsest, mu = mu_](const Maps& maps, const Batch& batch) {
        return context_flow_pixel_loss(maps, batch.y, coarsest, mu);
      };
    }
    return train(view, plan);
  }

 private:
  std::string guidance_, dilations_;
  double mu_;
  std::int64_t stages_;
  bool patches_;
};

const Register<ContextFlow> context_flow_registered{"context-flow"};

}  // namespace assay::cracks
