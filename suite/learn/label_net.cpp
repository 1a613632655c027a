#include "learn/label_net.hpp"

#include <ATen/core/Dict.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "learn/label_encoders.hpp"
#include "learn/label_trunks.hpp"

namespace assay::learn {

LabelHeadImpl::LabelHeadImpl(std::int64_t classes, std::int64_t embedding)
    : weight_(register_parameter("weight", torch::empty({classes, embedding}))),
      bias_(register_parameter("bias", torch::empty({classes}))) {}

void LabelHeadImpl::initialise(double variance, double bias, Stream& stream) {
  torch::NoGradGuard no_grad;
  auto drawn = torch::empty(weight_.sizes(), torch::kFloat32);
  float* value = drawn.data_ptr<float>();
  for (std::int64_t i = 0; i < drawn.numel(); ++i) {
    value[i] = static_cast<float>(std::sqrt(variance) * stream.normal());
  }
  weight_.copy_(drawn);
  bias_.fill_(bias);
}

namespace {

constexpr std::int64_t kDecoderWidth = 768;

class TrunkAndEncoder final : public LabelNet {
 public:
  TrunkAndEncoder(const std::string& id, const ImageShape& shape, std::int64_t classes, bool auxiliary, Stream init) {
    trunk_ = register_module("trunk", make_trunk(id, shape));
    initialise_trunk(*trunk_, init);
    const bool pools = id.starts_with("scenes-");
    const std::int64_t embedding = !pools ? kDecoderWidth : id == "scenes-teacher" ? 64 : 32;
    if (pools) {
      encoder_ = std::make_shared<AttentionPooling>(trunk_->channels(), classes, embedding);
    } else {
      encoder_ = std::make_shared<MlDecoder>(trunk_->channels(), classes, embedding);
    }
    register_module("encoder", encoder_);
    encoder_->draw(init);
    head_ = register_module("head", LabelHead(classes, embedding));
    head_->initialise(2 / static_cast<double>((pools ? 1 : classes) + embedding), 0, init);
    if (!auxiliary) return;
    auxiliary_ = register_module("auxiliary", Dense(trunk_->mid_channels(), classes));
    initialise(*auxiliary_, init);
  }

  Taps forward(const torch::Tensor& x) override {
    const auto [mid, last] = trunk_->forward(x);
    Taps taps{.t1 = mid, .f = last, .g = last.mean({2, 3}), .e = encoder_->forward(last), .z = {}, .z_aux = {}};
    taps.z = head_(taps.e);
    if (auxiliary_) taps.z_aux = auxiliary_(mid.mean({2, 3}));
    return taps;
  }

  LabelHead head() override { return head_; }
  Trunk& trunk() { return *trunk_; }

 private:
  std::shared_ptr<Trunk> trunk_;
  std::shared_ptr<LabelEncoder> encoder_;
  LabelHead head_{nullptr};
  Dense auxiliary_{nullptr};
};

[[noreturn]] void unfit(const std::filesystem::path& file, const std::string& expected, const std::string& found) {
  throw DataError({"not this network's weights", file.string(), expected, found,
                   "write it with torch.save(dict(network.state_dict())) from torchvision's network of this name"});
}

c10::Dict<c10::IValue, c10::IValue> tensors_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw DataError({"file missing", file.string(), "weights of a network", "nothing", ""});
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  try {
    const auto value = torch::pickle_load(bytes);
    if (value.isGenericDict()) return value.toGenericDict();
  } catch (const c10::Error&) {  // no archive of LibTorch's
  }
  unfit(file, "a dictionary of tensors, as torch.save writes it", "something else");
}

std::string shape_of(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

}  // namespace

std::shared_ptr<LabelNet> make_label_net(const std::string& id, const ImageShape& shape, std::int64_t classes,
                                         bool auxiliary, Stream init) {
  return std::make_shared<TrunkAndEncoder>(id, shape, classes, auxiliary, init);
}

void load_trunk(LabelNet& net, const std::filesystem::path& file) {
  torch::NoGradGuard no_grad;
  const auto stored = tensors_of(file);
  auto& trunk = dynamic_cast<TrunkAndEncoder&>(net).trunk();
  const auto load = [&](const torch::OrderedDict<std::string, torch::Tensor>& wanted) {
    for (const auto& item : wanted) {
      // A counter that only an average over all batches would use; older files lack it.
      if (item.key().ends_with("num_batches_tracked")) continue;
      const auto found = stored.find(item.key());
      const auto expected = "\"" + item.key() + "\" of shape " + shape_of(item.value());
      if (found == stored.end() || !found->value().isTensor()) unfit(file, expected, "none");
      const auto tensor = found->value().toTensor();
      if (tensor.sizes() != item.value().sizes()) unfit(file, expected, "shape " + shape_of(tensor));
      item.value().copy_(tensor);
    }
  };
  load(trunk.named_parameters());
  load(trunk.named_buffers());
}

TapSizes tap_sizes(LabelNet& net, const ImageShape& shape) {
  torch::NoGradGuard no_grad;
  const bool training = net.is_training();
  net.eval();
  const auto taps =
      net.forward(torch::zeros({1, shape.channels, shape.height, shape.width}, net.parameters().front().device()));
  net.train(training);
  const auto map = [](const torch::Tensor& t) { return std::array{t.size(1), t.size(2), t.size(3)}; };
  return {map(taps.t1), map(taps.f), taps.g.size(1), taps.e.size(2)};
}

}  // namespace assay::learn
