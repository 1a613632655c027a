// Networks for multi-label classification: a trunk, an encoder that makes one embedding per label, one logit per label.
// All intermediate results that distillation methods take ("taps") are returned: LibTorch has no forward hooks.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/streams.hpp"
#include "learn/network.hpp"

namespace assay::learn {

struct Taps {
  torch::Tensor t1;     // mid map, after ReLU: [batch, channels, height, width]
  torch::Tensor f;      // final map, after ReLU
  torch::Tensor g;      // f averaged over places: [batch, channels of f]
  torch::Tensor e;      // label-wise embeddings E: [batch, classes, D]
  torch::Tensor z;      // logits: [batch, classes]
  torch::Tensor z_aux;  // logits of an auxiliary head on the averaged t1; undefined where the network has none
};

// One linear classifier per label, each on its own embedding: z_k = <w_k, E_k> + b_k.
class LabelHeadImpl : public torch::nn::Module {
 public:
  LabelHeadImpl(std::int64_t classes, std::int64_t embedding);
  torch::Tensor forward(const torch::Tensor& e) { return (e * weight_).sum(-1) + bias_; }  // [batch, classes, D]
  void initialise(double variance, double bias, Stream& stream);                           // w normal, b constant

 private:
  torch::Tensor weight_, bias_;  // [classes, D], [classes]
};
TORCH_MODULE(LabelHead);

class LabelNet : public torch::nn::Module {
 public:
  virtual Taps forward(const torch::Tensor& x) = 0;  // x: float [batch, channels, height, width]
  virtual LabelHead head() = 0;
};

// Ids (DeclarationError for another one), all weights drawn from `init`:
//   "scenes-teacher"  stem 6x6 stride 4, 24 -> 24 -> 64 stride 2 -> 64 = t1 -> 96 -> 96 = f; attention pooling, D = 64;
//                     204,318 weights with its auxiliary head (64x64 grey images, ten classes)
//   "scenes-student"  stem 6x6 stride 4, 16 -> 16 = t1 -> 32 stride 2 -> 32 = f; attention pooling, D = 32; 18,676 weights
//   "resnet-18", "resnet-34", "resnet-50", "resnet-101"  He et al., CVPR 2016, 7x7 stem and max pooling; t1, f: the last
//                     two stages; ML-Decoder (Ridnik et al., WACV 2023), D = 768; the trunk's weights have torchvision's names
// `auxiliary`: with a linear head on the averaged t1.
std::shared_ptr<LabelNet> make_label_net(const std::string& id, const ImageShape& shape, std::int64_t classes,
                                         bool auxiliary, Stream init);

// Fills the trunk of a "resnet-..." from a file that holds a dictionary of tensors under torchvision's names, as Python's
//   torch.save(dict(torchvision.models.resnet18(weights="IMAGENET1K_V1").state_dict()), "resnet-18.pt")
// writes it ("fc." is left out). DataError where the file is none, or a tensor is missing or has another shape.
void load_trunk(LabelNet& net, const std::filesystem::path& file);

struct TapSizes {
  std::array<std::int64_t, 3> t1{}, f{};  // channels, height, width
  std::int64_t g = 0, embedding = 0;
};
TapSizes tap_sizes(LabelNet& net,
                   const ImageShape& shape);  // found by one forward without gradient, in evaluation mode

}  // namespace assay::learn
