#include "learn/bodies.hpp"

#include <array>
#include <charconv>

#include "core/errors.hpp"

namespace assay::learn {

namespace {

// A linear layer without bias, since a batch norm follows: a convolution whose kernel is the whole map. A Conv, so that
// `initialise` fills it; computed as a product of matrices, which is faster than a convolution of a map of one pixel.
class FlatLinearImpl final : public ConvImpl {
 public:
  FlatLinearImpl(std::int64_t in, std::int64_t out) : ConvImpl(in, out, 1, 1, 0), weight_(parameters(false).at(0)) {}
  torch::Tensor forward(const torch::Tensor& x) { return torch::linear(x.flatten(1), weight_.flatten(1)); }

 private:
  torch::Tensor weight_;
};
TORCH_MODULE(FlatLinear);

class C5C3 final : public Body {
 public:
  C5C3(const ImageShape& shape, std::int64_t w)
      : Body(4 * w),
        conv1_(register_module("conv1", Conv(shape.channels, w, 5, 2, 2))),
        norm1_(register_module("norm1", torch::nn::BatchNorm2d(w))),
        conv2_(register_module("conv2", Conv(w, 2 * w, 3, 2, 1))),
        norm2_(register_module("norm2", torch::nn::BatchNorm2d(2 * w))),
        linear_(register_module("linear", FlatLinear(2 * w * quarter(shape.height) * quarter(shape.width), 4 * w))),
        norm3_(register_module("norm3", torch::nn::BatchNorm1d(4 * w))) {}

  torch::Tensor forward(const torch::Tensor& x) override {
    const auto stage1 = norm1_(conv1_(x)).relu();
    const auto stage2 = norm2_(conv2_(stage1)).relu();
    return norm3_(linear_(stage2)).relu();
  }

 private:
  static std::int64_t quarter(std::int64_t side) { return (side + 3) / 4; }  // halved twice, rounded up

  Conv conv1_;
  torch::nn::BatchNorm2d norm1_;
  Conv conv2_;
  torch::nn::BatchNorm2d norm2_;
  FlatLinear linear_;
  torch::nn::BatchNorm1d norm3_;
};

class Conv4 final : public Body {
 public:
  explicit Conv4(const ImageShape& shape) : Body(kWidth * (shape.height / 16) * (shape.width / 16)) {
    for (int stage = 0; stage < 4; ++stage) {
      convs_->push_back(Conv(stage == 0 ? shape.channels : kWidth, kWidth, 3, 1, 1));
      norms_->push_back(torch::nn::BatchNorm2d(kWidth));
    }
    register_module("convs", convs_);
    register_module("norms", norms_);
  }

  torch::Tensor forward(const torch::Tensor& x) override {
    auto h = x;
    for (std::size_t stage = 0; stage < convs_->size(); ++stage) {
      h = norms_->at<torch::nn::BatchNorm2dImpl>(stage).forward(convs_->at<ConvImpl>(stage).forward(h)).relu();
      h = torch::max_pool2d(h, 2);
    }
    return h.flatten(1);
  }

 private:
  static constexpr std::int64_t kWidth = 64;

  torch::nn::ModuleList convs_, norms_;
};

// A residual block: convolutions with batch norm, ReLU between them and after the sum. A shortcut of another shape is a 1x1
// convolution with batch norm (option B of He et al.).
class BlockImpl : public torch::nn::Module {
 public:
  struct Layer {
    std::int64_t channels, kernel, stride;
  };

  BlockImpl(std::int64_t in, const std::vector<Layer>& layers) {
    std::int64_t stride = 1, channels = in;
    for (const auto& layer : layers) {
      convs_->push_back(Conv(channels, layer.channels, layer.kernel, layer.stride, layer.kernel / 2));
      norms_->push_back(torch::nn::BatchNorm2d(layer.channels));
      stride *= layer.stride;
      channels = layer.channels;
    }
    register_module("convs", convs_);
    register_module("norms", norms_);
    if (stride == 1 && channels == in) return;
    shortcut_ = register_module("shortcut", Conv(in, channels, 1, stride, 0));
    shortcut_norm_ = register_module("shortcut_norm", torch::nn::BatchNorm2d(channels));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    auto h = x;
    for (std::size_t i = 0; i < convs_->size(); ++i) {
      if (i > 0) h = h.relu();
      h = norms_->at<torch::nn::BatchNorm2dImpl>(i).forward(convs_->at<ConvImpl>(i).forward(h));
    }
    const auto beside = shortcut_ ? shortcut_norm_(shortcut_(x)) : x;
    return (h + beside).relu();
  }

 private:
  torch::nn::ModuleList convs_, norms_;
  Conv shortcut_{nullptr};
  torch::nn::BatchNorm2d shortcut_norm_{nullptr};
};
TORCH_MODULE(Block);

struct ResNetShape {
  std::array<std::int64_t, 4> blocks;  // per stage
  bool bottleneck;                     // 1x1, 3x3, 1x1 to four times the channels, instead of two 3x3
};
constexpr ResNetShape kResNet18{{2, 2, 2, 2}, false}, kResNet50{{3, 4, 6, 3}, true};

class ResNet final : public Body {
 public:
  ResNet(const ImageShape& shape, const ResNetShape& form, std::int64_t width)
      : Body(8 * width * (form.bottleneck ? 4 : 1)),
        stem_(register_module("stem", Conv(shape.channels, width, 3, 1, 1))),
        norm_(register_module("norm", torch::nn::BatchNorm2d(width))) {
    std::int64_t in = width;
    for (std::size_t stage = 0; stage < form.blocks.size(); ++stage) {
      const std::int64_t channels = width << stage;
      for (std::int64_t block = 0; block < form.blocks[stage]; ++block) {
        const auto layers = layers_of(form.bottleneck, channels, stage > 0 && block == 0 ? 2 : 1);
        blocks_->push_back(Block(in, layers));
        in = layers.back().channels;
      }
    }
    register_module("blocks", blocks_);
  }

  torch::Tensor forward(const torch::Tensor& x) override {
    auto h = norm_(stem_(x)).relu();
    for (std::size_t i = 0; i < blocks_->size(); ++i) h = blocks_->at<BlockImpl>(i).forward(h);
    return h.mean({2, 3});
  }

 private:
  // A bottleneck's stride is that of its 3x3 convolution, as in all code for small images; the paper has it in the first.
  static std::vector<BlockImpl::Layer> layers_of(bool bottleneck, std::int64_t channels, std::int64_t stride) {
    if (bottleneck) return {{channels, 1, 1}, {channels, 3, stride}, {4 * channels, 1, 1}};
    return {{channels, 3, stride}, {channels, 3, 1}};
  }

  Conv stem_;
  torch::nn::BatchNorm2d norm_;
  torch::nn::ModuleList blocks_;
};

// The number after the prefix, or 0 where the id is not of that form.
std::int64_t number_after(const std::string& prefix, const std::string& id) {
  if (!id.starts_with(prefix)) return 0;
  std::int64_t number = 0;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(id.data() + prefix.size(), end, number);
  return read.ec == std::errc() && read.ptr == end ? number : 0;
}

}  // namespace

std::shared_ptr<Body> make_body(const std::string& id, const ImageShape& shape) {
  const auto width = id == "c5c3-64" ? 16 : number_after("c5c3-64-w", id);
  if (width > 0 && width % 4 == 0) return std::make_shared<C5C3>(shape, width);
  if (id == "conv4") return std::make_shared<Conv4>(shape);
  if (id == "resnet-18-w16") return std::make_shared<ResNet>(shape, kResNet18, 16);
  if (id == "resnet-18-w64") return std::make_shared<ResNet>(shape, kResNet18, 64);
  if (id == "resnet-50-w16") return std::make_shared<ResNet>(shape, kResNet50, 16);
  throw DeclarationError({"unknown network", "budget",
                          "c5c3-64, c5c3-64-w<multiple of 4>, conv4, resnet-18-w16, resnet-18-w64 or resnet-50-w16",
                          "\"" + id + "\"", ""});
}

Headed::Headed(std::shared_ptr<Body> body, const std::vector<std::int64_t>& outputs)
    : body_(register_module("body", std::move(body))) {
  for (const auto count : outputs) {
    heads_.push_back(register_module("head" + std::to_string(heads_.size()), Dense(body_->features(), count)));
  }
}

HeadedOutput Headed::forward(const torch::Tensor& x) {
  HeadedOutput output{body_->forward(x), {}};
  for (auto& head : heads_) output.logits.push_back(head(output.z));
  return output;
}

std::shared_ptr<Headed> make_headed(const std::string& body, const ImageShape& shape,
                                    const std::vector<std::int64_t>& outputs, Stream init) {
  const auto net = std::make_shared<Headed>(make_body(body, shape), outputs);
  initialise(*net, init);
  return net;
}

void copy_state(torch::nn::Module& from, torch::nn::Module& to) {
  torch::NoGradGuard no_grad;
  const auto copy = [](const std::vector<torch::Tensor>& source, const std::vector<torch::Tensor>& target) {
    TORCH_CHECK(source.size() == target.size(), "copy_state of unequal modules");
    for (std::size_t i = 0; i < source.size(); ++i) target[i].copy_(source[i]);
  };
  copy(from.parameters(), to.parameters());
  copy(from.buffers(), to.buffers());
}

}  // namespace assay::learn
