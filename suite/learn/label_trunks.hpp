// Trunks of the networks in label_net.hpp: an image to a mid map and a final map.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/streams.hpp"
#include "learn/network.hpp"

namespace assay::learn {

class Trunk : public torch::nn::Module {
 public:
  struct Maps {
    torch::Tensor mid, last;  // after ReLU: [batch, channels, height, width]
  };
  Trunk(std::int64_t mid_channels, std::int64_t channels) : mid_channels_(mid_channels), channels_(channels) {}
  virtual Maps forward(const torch::Tensor& x) = 0;
  std::int64_t mid_channels() const { return mid_channels_; }
  std::int64_t channels() const { return channels_; }  // of the last map

 private:
  std::int64_t mid_channels_, channels_;
};

// The ids of label_net.hpp; weights are not set yet. DeclarationError for another one.
std::shared_ptr<Trunk> make_trunk(const std::string& id, const ImageShape& shape);

// Fills all convolutions of a trunk: normal, variance 2 / fan out (He et al., ICCV 2015).
void initialise_trunk(Trunk& trunk, Stream& stream);

}  // namespace assay::learn
