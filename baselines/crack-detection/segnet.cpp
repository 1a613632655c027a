// SegNet (Badrinarayanan, Kendall and Cipolla, IEEE TPAMI 2017): the decoder puts values back where the encoder's pools
// took them from.
//
// R1  Trunk: blocks of one convolution, each followed by a 2x2 max pool with indices; on the way up each value goes to
//     its stored index, zero elsewhere, and one convolution follows (learn/segmentation.hpp). No other connection.
// R2  1x1 convolution; loss: mean BCE.
#include "crack-detection/protocol.hpp"

namespace assay::cracks {

class SegNetImpl : public torch::nn::Module {
 public:
  explicit SegNetImpl(const std::vector<std::int64_t>& widths)
      : trunk_(register_module("trunk", learn::SegTrunk(widths))),
        head_(register_module("head", learn::Pointwise(widths[0], 1, learn::kRareLogit))) {}

  Maps forward(const torch::Tensor& x) { return {head_(trunk_(x).decoder[0])}; }

 private:
  learn::SegTrunk trunk_;
  learn::Pointwise head_;
};
TORCH_MODULE(SegNet);

MapNetwork segnet_network(const View& view) { return network_of(view, SegNet(view.widths)); }

class SegNetMethod final : public Method {
 public:
  explicit SegNetMethod(StrictObject&) {}

  Predictor fit(const View& view) override {
    return train(view, {.network = segnet_network(view), .loss = [](const Maps& maps, const Batch& batch) {
                          return mean_bce(maps.back(), batch.y);  // R2
                        }});
  }
};

const Register<SegNetMethod> segnet_registered{"segnet"};

}  // namespace assay::cracks
