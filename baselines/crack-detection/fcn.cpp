// Fully convolutional network (Long, Shelhamer and Darrell, CVPR 2015), in its plainest form: predicts at the coarsest
// stride and is upsampled.
//
// R1  Blocks of one convolution with 2x2 max pools between them; the last has two; a 1x1 convolution; up to the
//     picture.
// R2  Loss: mean BCE.
#include "crack-detection/protocol.hpp"

namespace assay::cracks {

class FcnNetImpl : public torch::nn::Module {  // R1
 public:
  explicit FcnNetImpl(const std::vector<std::int64_t>& widths)
      : head_(register_module("head", learn::Pointwise(widths.back(), 1, learn::kRareLogit))) {
    for (std::size_t k = 0; k < widths.size(); ++k) {
      const auto in = k == 0 ? 1 : widths[k - 1];
      const std::int64_t convs = k + 1 == widths.size() ? 2 : 1;
      blocks_.push_back(register_module("block" + std::to_string(k + 1), learn::ConvBlock(in, widths[k], convs)));
    }
  }

  Maps forward(const torch::Tensor& x) {
    torch::Tensor h;
    for (auto& block : blocks_) h = block(h.defined() ? learn::halved(h) : x);
    return {learn::up(head_(h), x)};
  }

 private:
  std::vector<learn::ConvBlock> blocks_;
  learn::Pointwise head_;
};
TORCH_MODULE(FcnNet);

MapNetwork fcn_network(const View& view) { return network_of(view, FcnNet(view.widths)); }

class Fcn final : public Method {
 public:
  explicit Fcn(StrictObject&) {}

  Predictor fit(const View& view) override {
    return train(view, {.network = fcn_network(view), .loss = [](const Maps& maps, const Batch& batch) {
                          return mean_bce(maps.back(), batch.y);  // R2
                        }});
  }
};

const Register<Fcn> fcn_registered{"fcn"};

}  // namespace assay::cracks
