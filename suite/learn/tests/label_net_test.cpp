#include "learn/label_net.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Dict.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "core/errors.hpp"
#include "learn/label_trunks.hpp"
#include "learn/tests/drawn.hpp"

namespace assay::learn {
namespace {

const ImageShape kScene{1, 64, 64};

std::shared_ptr<LabelNet> scenes_teacher(std::uint64_t seed = 1, bool auxiliary = true) {
  return make_label_net("scenes-teacher", kScene, 10, auxiliary, Stream(seed));
}

std::shared_ptr<LabelNet> scenes_student(std::uint64_t seed = 1) {
  return make_label_net("scenes-student", kScene, 10, false, Stream(seed));
}

std::int64_t weights(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

using Sizes = std::vector<std::int64_t>;

// With maps this small, threads only wait for each other.
class OneThread : public testing::Test {
 protected:
  OneThread() { torch::set_num_threads(1); }
};
class SceneNets : public OneThread {};
class ResNets : public OneThread {};

// --- The networks for scenes

TEST_F(SceneNets, HaveTheNumbersOfWeightsOfTheSpecification) {
  EXPECT_EQ(weights(*scenes_teacher()), 204318);
  EXPECT_EQ(weights(*scenes_teacher(1, false)), 204318 - 650);
  EXPECT_EQ(weights(*scenes_student()), 18676);
}

TEST_F(SceneNets, GiveTapsOfTheSpecifiedShapes) {
  const auto x = drawn({2, 1, 64, 64}, 3);
  const auto teacher = scenes_teacher()->forward(x);
  EXPECT_EQ(teacher.t1.sizes(), (Sizes{2, 64, 8, 8}));
  EXPECT_EQ(teacher.f.sizes(), (Sizes{2, 96, 8, 8}));
  EXPECT_EQ(teacher.g.sizes(), (Sizes{2, 96}));
  EXPECT_EQ(teacher.e.sizes(), (Sizes{2, 10, 64}));
  EXPECT_EQ(teacher.z.sizes(), (Sizes{2, 10}));
  EXPECT_EQ(teacher.z_aux.sizes(), (Sizes{2, 10}));
  const auto student = scenes_student()->forward(x);
  EXPECT_EQ(student.t1.sizes(), (Sizes{2, 16, 16, 16}));
  EXPECT_EQ(student.f.sizes(), (Sizes{2, 32, 8, 8}));
  EXPECT_EQ(student.e.sizes(), (Sizes{2, 10, 32}));
  EXPECT_FALSE(student.z_aux.defined());
}

TEST_F(SceneNets, GiveTapsThatBelongTogether) {
  const auto net = scenes_teacher();
  const auto taps = net->forward(drawn({3, 1, 64, 64}, 4));
  EXPECT_GE(taps.t1.min().item<double>(), 0);
  EXPECT_GE(taps.f.min().item<double>(), 0);
  EXPECT_TRUE(torch::allclose(taps.g, taps.f.flatten(2).mean(2)));
  const auto named = net->named_parameters();
  const auto z = (taps.e * named["head.weight"]).sum(2) + named["head.bias"];
  EXPECT_TRUE(torch::allclose(taps.z, z));
  const auto z_aux = torch::linear(taps.t1.mean({2, 3}), named["auxiliary.weight"], named["auxiliary.bias"]);
  EXPECT_TRUE(torch::allclose(taps.z_aux, z_aux));
  for (const auto& tap : {taps.t1, taps.f, taps.g, taps.e, taps.z, taps.z_aux}) EXPECT_TRUE(tap.requires_grad());
}

TEST_F(SceneNets, TakeTheirWeightsFromTheStreamAlone) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  const auto a = scenes_teacher(7), b = scenes_teacher(7), c = scenes_teacher(8);
  a->forward(drawn({2, 1, 64, 64}, 3));
  EXPECT_TRUE(torch::equal(before, global.get_state()));
  const auto named = b->named_parameters();
  for (const auto& item : a->named_parameters()) EXPECT_TRUE(torch::equal(item.value(), named[item.key()]));
  EXPECT_FALSE(torch::equal(a->parameters()[0], c->parameters()[0]));
}

TEST_F(SceneNets, DrawTheAuxiliaryHeadLast) {
  const auto with = scenes_teacher(7, true)->named_parameters();
  for (const auto& item : scenes_teacher(7, false)->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), with[item.key()])) << item.key();
  }
}

TEST_F(SceneNets, StartAsSpecified) {
  const auto named = scenes_teacher()->named_parameters();
  const auto deviation = [&](const std::string& name) { return named[name].std().item<double>(); };
  const auto largest = [&](const std::string& name) { return named[name].abs().max().item<double>(); };
  EXPECT_NEAR(deviation("trunk.conv6.weight"), std::sqrt(2.0 / (96 * 9)), 5e-4);  // fan out
  EXPECT_NEAR(deviation("trunk.conv3.weight"), std::sqrt(2.0 / (64 * 9)), 2e-3);
  EXPECT_NEAR(deviation("trunk.conv1.weight"), std::sqrt(2.0 / (24 * 36)), 4e-3);
  for (const auto* part : {"weight", "bias"}) {
    EXPECT_LE(largest(std::string("encoder.values.") + part), 1 / std::sqrt(96.0));
    EXPECT_GT(largest(std::string("encoder.attention.") + part), 0.5 / std::sqrt(96.0));
    EXPECT_LE(largest(std::string("auxiliary.") + part), 1.0 / 8);
    EXPECT_GT(largest(std::string("auxiliary.") + part), 0.5 / 8);
  }
  EXPECT_NEAR(deviation("head.weight"), std::sqrt(2.0 / 65), 0.02);
  EXPECT_EQ(largest("head.bias"), 0);
}

TEST_F(SceneNets, LearnFromEveryWeight) {
  const auto net = scenes_teacher();
  const auto taps = net->forward(drawn({4, 1, 64, 64}, 3));
  (taps.z.pow(2).sum() + taps.z_aux.pow(2).sum()).backward();
  for (const auto& item : net->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_TRUE(item.value().grad().isfinite().all().item<bool>()) << item.key();
  }
}

TEST(LabelHead, StartsWithTheGivenVarianceAndBias) {
  LabelHead head(40, 50);
  Stream stream(5);
  head->initialise(1.0 / 16, -1, stream);
  const auto named = head->named_parameters();
  EXPECT_NEAR(named["weight"].std().item<double>(), 0.25, 0.01);
  EXPECT_TRUE(torch::equal(named["bias"], torch::full({40}, -1.0)));
}

TEST(LabelNet, RefusesAnUnknownName) {
  EXPECT_THROW(make_label_net("scenes", kScene, 10, false, Stream(1)), DeclarationError);
  EXPECT_THROW(make_label_net("resnet-152", kScene, 10, false, Stream(1)), DeclarationError);
}

TEST(TapSizes, AreThoseOfAForwardAndLeaveTheNetworkAsItWas) {
  const auto net = scenes_student();
  std::vector<torch::Tensor> before;
  for (const auto& buffer : net->buffers()) before.push_back(buffer.clone());
  const auto sizes = tap_sizes(*net, kScene);
  EXPECT_EQ(sizes.t1, (std::array<std::int64_t, 3>{16, 16, 16}));
  EXPECT_EQ(sizes.f, (std::array<std::int64_t, 3>{32, 8, 8}));
  EXPECT_EQ(sizes.g, 32);
  EXPECT_EQ(sizes.embedding, 32);
  EXPECT_TRUE(net->is_training());
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(torch::equal(net->buffers()[i], before[i]));
  net->eval();
  tap_sizes(*net, kScene);
  EXPECT_FALSE(net->is_training());
}

// --- ResNets

// Cheap, well spread weights: the small ones of a network this large take long to draw.
void fill(torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  double phase = 1;
  for (auto& item : module.named_parameters()) {
    const auto n = item.value().numel();
    const auto waves = (torch::arange(n, torch::kFloat32) * 0.37 + phase++).sin().view(item.value().sizes());
    item.value().copy_(item.value().dim() > 1 ? waves * std::sqrt(2.0 * item.value().size(0) / n) : 1 + waves / 4);
  }
}

TEST_F(ResNets, HaveTorchvisionsNumbersOfWeights) {
  const auto count = [](const std::string& id) { return weights(*make_trunk(id, {3, 224, 224})); };
  EXPECT_EQ(count("resnet-18"), 11689512 - 513000);  // without the classifier of a thousand classes
  EXPECT_EQ(count("resnet-34"), 21797672 - 513000);
  EXPECT_EQ(count("resnet-50"), 25557032 - 2049000);
  EXPECT_EQ(count("resnet-101"), 44549160 - 2049000);
}

TEST_F(ResNets, HaveTorchvisionsNames) {
  const auto named = make_trunk("resnet-50", {3, 224, 224})->named_parameters();
  EXPECT_EQ(named["conv1.weight"].sizes(), (Sizes{64, 3, 7, 7}));
  EXPECT_EQ(named["bn1.bias"].sizes(), (Sizes{64}));
  EXPECT_EQ(named["layer1.0.conv1.weight"].sizes(), (Sizes{64, 64, 1, 1}));
  EXPECT_EQ(named["layer1.0.downsample.0.weight"].sizes(), (Sizes{256, 64, 1, 1}));
  EXPECT_EQ(named["layer1.0.downsample.1.weight"].sizes(), (Sizes{256}));
  EXPECT_FALSE(named.contains("layer1.1.downsample.0.weight"));
  EXPECT_EQ(named["layer3.5.conv2.weight"].sizes(), (Sizes{256, 256, 3, 3}));
  EXPECT_EQ(named["layer4.2.bn3.weight"].sizes(), (Sizes{2048}));
  const auto small = make_trunk("resnet-18", {3, 224, 224});
  EXPECT_FALSE(small->named_parameters().contains("layer1.0.downsample.0.weight"));
  EXPECT_TRUE(small->named_buffers().contains("layer4.0.downsample.1.running_var"));
}

// The definition, layer by layer, on weights under torchvision's names.
struct Reference {
  const torch::OrderedDict<std::string, torch::Tensor> named, buffers;
  const bool bottleneck;

  torch::Tensor conv(const std::string& name, const torch::Tensor& x, std::int64_t stride) const {
    const auto& weight = named[name + ".weight"];
    return torch::conv2d(x, weight, {}, stride, weight.size(2) / 2);
  }
  torch::Tensor bn(const std::string& name, const torch::Tensor& x) const {
    const auto mean = buffers[name + ".running_mean"], variance = buffers[name + ".running_var"];
    const auto wide = [](const torch::Tensor& v) { return v.view({1, -1, 1, 1}); };
    return (x - wide(mean)) / (wide(variance) + 1e-5).sqrt() * wide(named[name + ".weight"]) +
           wide(named[name + ".bias"]);
  }
  torch::Tensor block(const std::string& name, const torch::Tensor& x, std::int64_t stride) const {
    auto h = bn(name + ".bn1", conv(name + ".conv1", x, bottleneck ? 1 : stride)).relu();
    h = bn(name + ".bn2", conv(name + ".conv2", h, bottleneck ? stride : 1));
    if (bottleneck) h = bn(name + ".bn3", conv(name + ".conv3", h.relu(), 1));
    const bool down = named.contains(name + ".downsample.0.weight");
    return (h + (down ? bn(name + ".downsample.1", conv(name + ".downsample.0", x, stride)) : x)).relu();
  }
  std::vector<torch::Tensor> stages(const torch::Tensor& x, const std::vector<int>& blocks) const {
    std::vector<torch::Tensor> out{torch::max_pool2d(bn("bn1", conv("conv1", x, 2)).relu(), 3, 2, 1)};
    for (std::size_t stage = 0; stage < 4; ++stage) {
      auto h = out.back();
      for (int i = 0; i < blocks[stage]; ++i) {
        const auto name = "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
        h = block(name, h, stage > 0 && i == 0 ? 2 : 1);
      }
      out.push_back(h);
    }
    return out;
  }
};

void expect_defined(const std::string& id, bool bottleneck, const std::vector<int>& blocks) {
  torch::NoGradGuard no_grad;
  const auto trunk = make_trunk(id, {3, 32, 32});
  fill(*trunk);
  for (auto& item : trunk->named_buffers()) {
    if (item.value().dim() == 1) item.value().add_(0.1);
  }
  trunk->eval();
  const auto x = drawn({1, 3, 32, 32}, 1);
  const auto maps = trunk->forward(x);
  const Reference reference{trunk->named_parameters(), trunk->named_buffers(), bottleneck};
  const auto stages = reference.stages(x, blocks);
  const std::int64_t width = bottleneck ? 4 : 1;
  EXPECT_EQ(maps.mid.sizes(), (Sizes{1, 256 * width, 2, 2}));
  EXPECT_EQ(maps.last.sizes(), (Sizes{1, 512 * width, 1, 1}));
  const auto close = [](const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
  };
  EXPECT_LT(close(maps.mid, stages[3]), 1e-4) << id;
  EXPECT_LT(close(maps.last, stages[4]), 1e-4) << id;
  EXPECT_GT(stages[4].abs().max().item<double>(), 0);
}

TEST_F(ResNets, OfTwoLayersABlockAreAsDefined) { expect_defined("resnet-18", false, {2, 2, 2, 2}); }

TEST_F(ResNets, OfBottlenecksAreAsDefined) { expect_defined("resnet-50", true, {3, 4, 6, 3}); }

TEST_F(ResNets, EndInAnMlDecoder) {
  const auto net = make_label_net("resnet-18", {3, 64, 64}, 4, false, Stream(1));
  const auto sizes = tap_sizes(*net, {3, 64, 64});
  EXPECT_EQ(sizes.t1, (std::array<std::int64_t, 3>{256, 4, 4}));
  EXPECT_EQ(sizes.f, (std::array<std::int64_t, 3>{512, 2, 2}));
  EXPECT_EQ(sizes.g, 512);
  EXPECT_EQ(sizes.embedding, 768);
  const auto named = net->named_parameters();
  EXPECT_NEAR(named["head.weight"].std().item<double>(), std::sqrt(2.0 / (4 + 768)), 2e-3);
  EXPECT_NEAR(named["trunk.layer4.1.conv2.weight"].std().item<double>(), std::sqrt(2.0 / (512 * 9)), 1e-4);
}

// --- Weights from a file

class LoadTrunk : public testing::Test {
 protected:
  using Tensors = c10::Dict<std::string, torch::Tensor>;

  void TearDown() override { std::filesystem::remove(file_); }

  // The trunk's tensors under their names, as another framework would save them.
  static Tensors tensors_of(LabelNet& net) {
    Tensors tensors;
    const auto trunk = net.named_children()["trunk"];
    for (const auto& item : trunk->named_parameters()) tensors.insert(item.key(), item.value().detach().clone());
    for (const auto& item : trunk->named_buffers()) tensors.insert(item.key(), item.value().clone());
    return tensors;
  }
  void save(const c10::IValue& value) {
    const auto bytes = torch::pickle_save(value);
    std::ofstream(file_, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  std::string failure() {
    const auto net = scenes_student(2);
    try {
      load_trunk(*net, file_);
    } catch (const DataError& error) {
      return error.what();
    }
    return "none";
  }

  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("assay-trunk-" + std::to_string(::getpid()) + ".pt");
};

TEST_F(LoadTrunk, FillsWeightsAndStatisticsAndNothingElse) {
  const auto source = scenes_student(1), net = scenes_student(2), fresh = scenes_student(2);
  source->forward(drawn({4, 1, 64, 64}, 5));  // moves the statistics
  auto tensors = tensors_of(*source);
  tensors.insert("fc.weight", torch::zeros({1000, 32}));
  save(tensors);
  load_trunk(*net, file_);
  const auto from = source->named_parameters(), before = fresh->named_parameters();
  for (const auto& item : net->named_parameters()) {
    const auto& expected = item.key().starts_with("trunk.") ? from : before;
    EXPECT_TRUE(torch::equal(item.value(), expected[item.key()])) << item.key();
    EXPECT_TRUE(item.value().requires_grad());
  }
  const auto statistics = source->named_buffers();
  for (const auto& item : net->named_buffers()) {
    if (item.key().ends_with("num_batches_tracked")) continue;
    EXPECT_TRUE(torch::equal(item.value(), statistics[item.key()])) << item.key();
  }
}

TEST_F(LoadTrunk, ReadsFilesWithoutCountersOfBatches) {
  const auto source = scenes_student(1);
  auto tensors = tensors_of(*source);
  for (const auto* name : {"norm1", "norm2", "norm3", "norm4"})
    EXPECT_EQ(tensors.erase(name + std::string(".num_batches_tracked")), 1);
  save(tensors);
  EXPECT_EQ(failure(), "none");
}

TEST_F(LoadTrunk, SaysWhichTensorIsMissingOrHasAnotherShape) {
  const auto source = scenes_student(1);
  auto tensors = tensors_of(*source);
  tensors.insert_or_assign("conv2.weight", torch::zeros({16, 16, 1, 1}));
  save(tensors);
  const auto other_shape = failure();
  EXPECT_NE(other_shape.find(file_.string()), std::string::npos) << other_shape;
  EXPECT_NE(other_shape.find("expected \"conv2.weight\" of shape [16, 16, 3, 3], found shape [16, 16, 1, 1]"),
            std::string::npos)
      << other_shape;
  EXPECT_EQ(tensors.erase("conv2.weight"), 1);
  save(tensors);
  EXPECT_NE(failure().find("\"conv2.weight\" of shape [16, 16, 3, 3], found none"), std::string::npos) << failure();
}

TEST_F(LoadTrunk, RefusesWhatIsNoDictionaryOfTensors) {
  EXPECT_NE(failure().find("file missing"), std::string::npos);
  save(torch::zeros({3}));
  EXPECT_NE(failure().find("dictionary of tensors"), std::string::npos);
  std::ofstream(file_, std::ios::binary) << "no archive";
  EXPECT_NE(failure().find("dictionary of tensors"), std::string::npos);
}

}  // namespace
}  // namespace assay::learn
