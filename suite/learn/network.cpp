#include "learn/network.hpp"

#include <cmath>

#include "core/errors.hpp"

namespace assay::learn {

ConvImpl::ConvImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                   std::int64_t dilation)
    : weight_(register_parameter("weight", torch::empty({out, in, kernel, kernel}))),
      stride_(stride),
      padding_(padding),
      dilation_(dilation) {}

PointwiseImpl::PointwiseImpl(std::int64_t in, std::int64_t out, std::optional<double> bias)
    : weight_(register_parameter("weight", torch::empty({out, in, 1, 1}))),
      bias_(register_parameter("bias", torch::empty({out}))),
      initial_bias_(bias) {}

DenseImpl::DenseImpl(std::int64_t in, std::int64_t out)
    : weight_(register_parameter("weight", torch::empty({out, in}))),
      bias_(register_parameter("bias", torch::empty({out}))) {}

namespace {

void fill_uniform(torch::Tensor values, double bound, Stream& stream) {
  float* value = values.data_ptr<float>();
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    value[i] = static_cast<float>(bound * (2 * stream.uniform() - 1));
  }
}

}  // namespace

void initialise(torch::nn::Module& module, Stream& stream) {
  torch::NoGradGuard no_grad;
  for (const auto& layer : module.modules()) {
    const auto* pointwise = layer->as<PointwiseImpl>();
    if (!layer->as<ConvImpl>() && !layer->as<DenseImpl>() && !pointwise) continue;
    const auto weights = layer->named_parameters(/*recurse=*/false);
    const auto& weight = weights["weight"];
    const double bound = 1 / std::sqrt(static_cast<double>(weight.numel() / weight.size(0)));
    const bool given_bias = pointwise && pointwise->initial_bias();
    for (const auto& item : weights) {
      if (given_bias && item.key() == "bias") continue;
      fill_uniform(item.value(), bound, stream);
    }
    if (given_bias) weights["bias"].fill_(*pointwise->initial_bias());
  }
}

Output Net::forward(const torch::Tensor& x) {
  work_->forward_rows += x.size(0);
  if (torch::GradMode::is_enabled()) work_->backward_rows += x.size(0);
  return compute(x);
}

namespace {

// Three strided convolutions with batch norm and two linear layers: small enough for one core, large enough to
// memorise.
class T90 final : public Net {
 public:
  T90(const ImageShape& shape, std::int64_t classes)
      : Net(64),
        conv1_(register_module("conv1", Conv(shape.channels, 16, 5, 2, 2))),
        norm1_(register_module("norm1", torch::nn::BatchNorm2d(16))),
        conv2_(register_module("conv2", Conv(16, 32, 3, 2, 1))),
        norm2_(register_module("norm2", torch::nn::BatchNorm2d(32))),
        conv3_(register_module("conv3", Conv(32, 64, 3, 2, 1))),
        norm3_(register_module("norm3", torch::nn::BatchNorm2d(64))),
        hidden_(register_module("hidden", Dense(64 * eighth(shape.height) * eighth(shape.width), 64))),
        classifier_(register_module("classifier", Dense(64, classes))) {}

 private:
  static std::int64_t eighth(std::int64_t side) { return (side + 7) / 8; }  // halved three times, rounded up

  Output compute(const torch::Tensor& x) override {
    const auto stage1 = norm1_(conv1_(x)).relu();
    const auto stage2 = norm2_(conv2_(stage1)).relu();
    const auto stage3 = norm3_(conv3_(stage2)).relu();
    const auto z = hidden_(stage3.flatten(1)).relu();
    return {classifier_(z), z, stage2.mean({2, 3})};
  }

  Conv conv1_;
  torch::nn::BatchNorm2d norm1_;
  Conv conv2_;
  torch::nn::BatchNorm2d norm2_;
  Conv conv3_;
  torch::nn::BatchNorm2d norm3_;
  Dense hidden_, classifier_;
};

class PreActBlockImpl : public torch::nn::Module {
 public:
  PreActBlockImpl(std::int64_t in, std::int64_t out, std::int64_t stride)
      : norm1_(register_module("norm1", torch::nn::BatchNorm2d(in))),
        conv1_(register_module("conv1", Conv(in, out, 3, stride, 1))),
        norm2_(register_module("norm2", torch::nn::BatchNorm2d(out))),
        conv2_(register_module("conv2", Conv(out, out, 3, 1, 1))) {
    if (stride != 1 || in != out) shortcut_ = register_module("shortcut", Conv(in, out, 1, stride, 0));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const auto active = norm1_(x).relu();
    const auto beside = shortcut_ ? shortcut_(active) : x;
    return conv2_(norm2_(conv1_(active)).relu()) + beside;
  }

 private:
  torch::nn::BatchNorm2d norm1_;
  Conv conv1_;
  torch::nn::BatchNorm2d norm2_;
  Conv conv2_;
  Conv shortcut_{nullptr};
};
TORCH_MODULE(PreActBlock);

// ResNet-18 with pre-activation (He et al., ECCV 2016), in its form for small images: a 3x3 stem without pooling.
class PreActResNet18 final : public Net {
 public:
  PreActResNet18(const ImageShape& shape, std::int64_t classes)
      : Net(512),
        stem_(register_module("stem", Conv(shape.channels, 64, 3, 1, 1))),
        norm_(register_module("norm", torch::nn::BatchNorm2d(512))),
        classifier_(register_module("classifier", Dense(512, classes))) {
    for (const auto& [in, out, stride] :
         {std::array<std::int64_t, 3>{64, 64, 1}, {64, 128, 2}, {128, 256, 2}, {256, 512, 2}}) {
      blocks_->push_back(PreActBlock(in, out, stride));
      blocks_->push_back(PreActBlock(out, out, 1));
    }
    register_module("blocks", blocks_);
  }

 private:
  static constexpr std::size_t kMiddle = 5;  // the last block of the third stage

  Output compute(const torch::Tensor& x) override {
    auto h = stem_(x);
    torch::Tensor m;
    for (std::size_t i = 0; i < blocks_->size(); ++i) {
      h = blocks_->at<PreActBlockImpl>(i).forward(h);
      if (i == kMiddle) m = h.mean({2, 3});
    }
    const auto z = norm_(h).relu().mean({2, 3});
    return {classifier_(z), z, m};
  }

  Conv stem_;
  torch::nn::ModuleList blocks_;
  torch::nn::BatchNorm2d norm_;
  Dense classifier_;
};

}  // namespace

std::shared_ptr<Net> make_network(const std::string& id, const ImageShape& shape, std::int64_t classes, Stream init) {
  std::shared_ptr<Net> net;
  if (id == "t90") net = std::make_shared<T90>(shape, classes);
  if (id == "preact-resnet-18") net = std::make_shared<PreActResNet18>(shape, classes);
  if (!net) throw DeclarationError({"unknown network", "budget", "t90 or preact-resnet-18", "\"" + id + "\"", ""});
  initialise(*net, init);
  return net;
}

}  // namespace assay::learn
