#include "learn/bodies.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "learn/determinism.hpp"

namespace assay::learn {
namespace {

std::int64_t weights(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

// Numbers from a stream, as images.
torch::Tensor noise(const std::vector<std::int64_t>& sizes, std::uint64_t seed = 1) {
  const auto x = torch::empty(sizes);
  Stream stream(seed);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<float>()[i] = static_cast<float>(stream.normal());
  return x;
}

using Sizes = std::vector<std::int64_t>;

// Convolutions and a linear layer without bias, two numbers a channel in each batch norm.
TEST(C5C3, HasTheWeightsOfItsLayers) {
  EXPECT_EQ(weights(*make_body("c5c3-64", {1, 28, 28})),
            25 * 16 + 2 * 16 + 9 * 16 * 32 + 2 * 32 + 7 * 7 * 32 * 64 + 2 * 64);
  EXPECT_EQ(weights(*make_body("c5c3-64", {3, 32, 32})),
            3 * 25 * 16 + 2 * 16 + 9 * 16 * 32 + 2 * 32 + 8 * 8 * 32 * 64 + 2 * 64);
  const auto headed = make_headed("c5c3-64", {1, 28, 28}, {3, 5}, Stream(1));
  EXPECT_EQ(weights(*headed), 105584 + 64 * 3 + 3 + 64 * 5 + 5);
}

TEST(C5C3, ScalesWithItsWidth) {
  const auto narrow = make_body("c5c3-64-w8", {1, 28, 28});
  EXPECT_EQ(narrow->features(), 32);
  EXPECT_EQ(weights(*narrow), 25 * 8 + 2 * 8 + 9 * 8 * 16 + 2 * 16 + 7 * 7 * 16 * 32 + 2 * 32);
  const auto usual = make_body("c5c3-64", {1, 28, 28}), named = make_body("c5c3-64-w16", {1, 28, 28});
  EXPECT_EQ(weights(*usual), weights(*named));
}

TEST(C5C3, TakesOtherSides) {
  for (const auto& [height, width] : std::vector<std::pair<std::int64_t, std::int64_t>>{{32, 32}, {30, 21}, {5, 64}}) {
    EXPECT_EQ(make_body("c5c3-64-w4", {1, height, width})->forward(noise({2, 1, height, width})).sizes(),
              (Sizes{2, 16}));
  }
}

// 28 is halved to 1, 32 to 2: z is the last map.
TEST(Conv4, HasTheFeaturesOfItsLastMap) {
  const std::int64_t convolutions = 9 * 64 + 3 * 9 * 64 * 64 + 4 * 2 * 64;
  const auto grey = make_body("conv4", {1, 28, 28});
  EXPECT_EQ(grey->features(), 64);
  EXPECT_EQ(weights(*grey), convolutions);
  const auto colour = make_body("conv4", {3, 32, 32});
  EXPECT_EQ(colour->features(), 256);
  EXPECT_EQ(weights(*colour), convolutions + 2 * 9 * 64);
  EXPECT_EQ(colour->forward(noise({2, 3, 32, 32})).sizes(), (Sizes{2, 256}));
}

// Of the usual CIFAR ResNet-18: 11,173,962 less the 5,130 of its head.
TEST(ResNet, HasThePublishedNumberOfWeights) { EXPECT_EQ(weights(*make_body("resnet-18-w64", {3, 32, 32})), 11168832); }

TEST(ResNet, BottlenecksHaveTheWeightsOfTheirLayers) {
  std::int64_t expected = 3 * 9 * 16 + 2 * 16, in = 16, channels = 16;
  for (const int blocks : {3, 4, 6, 3}) {
    for (int block = 0; block < blocks; ++block) {
      const auto out = 4 * channels;
      expected += in * channels + 9 * channels * channels + channels * out + 2 * (2 * channels + out);
      if (block == 0) expected += in * out + 2 * out;
      in = out;
    }
    channels *= 2;
  }
  EXPECT_EQ(weights(*make_body("resnet-50-w16", {3, 32, 32})), expected);
}

TEST(ResNet, HalvesThreeTimesAndAverages) {
  for (const auto& [id, features] :
       std::vector<std::pair<std::string, std::int64_t>>{{"resnet-18-w16", 128}, {"resnet-50-w16", 512}}) {
    const auto body = make_body(id, {1, 16, 16});
    EXPECT_EQ(body->features(), features);
    EXPECT_EQ(body->forward(noise({2, 1, 16, 16})).sizes(), (Sizes{2, features}));
  }
}

class AnyBody : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { make_deterministic(); }

  const std::string id = GetParam();
  const std::int64_t side = id.starts_with("resnet") ? 8 : 16;  // as small as the body takes
  const ImageShape shape{1, side, side};
  const torch::Tensor x = noise({4, 1, side, side});
};

TEST_P(AnyBody, FeaturesComeFromARectifier) {
  const auto z = make_headed(id, shape, {2}, Stream(1))->forward(x).z;
  EXPECT_GE(z.min().item<double>(), 0);
  EXPECT_GT(z.max().item<double>(), 0);
}

TEST_P(AnyBody, EveryWeightIsTrained) {
  const auto net = make_headed(id, shape, {2}, Stream(1));
  const auto output = net->forward(x);
  (output.logits[0] * noise({4, 2}, 2)).sum().backward();
  for (const auto& weight : net->named_parameters()) {
    ASSERT_TRUE(weight.value().grad().defined()) << weight.key();
    EXPECT_GT(weight.value().grad().abs().max().item<double>(), 0) << weight.key();
  }
}

TEST_P(AnyBody, TakesItsWeightsFromTheStreamAlone) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  const auto a = make_headed(id, shape, {2}, Stream(7)), b = make_headed(id, shape, {2}, Stream(7));
  const auto c = make_headed(id, shape, {2}, Stream(8));
  EXPECT_TRUE(torch::equal(before, global.get_state()));
  EXPECT_TRUE(torch::equal(a->forward(x).logits[0], b->forward(x).logits[0]));
  EXPECT_FALSE(torch::equal(a->forward(x).logits[0], c->forward(x).logits[0]));
}

TEST_P(AnyBody, CopiedStateGivesTheSameAnswersAndIsItsOwn) {
  const auto a = make_headed(id, shape, {2}, Stream(1)), b = make_headed(id, shape, {2}, Stream(2));
  a->forward(x);  // moves the batch norms' statistics
  copy_state(*a, *b);
  a->eval(), b->eval();
  const auto answer = a->forward(x).logits[0];
  EXPECT_TRUE(torch::equal(answer, b->forward(x).logits[0]));
  torch::NoGradGuard no_grad;
  for (auto& weight : b->parameters()) weight.add_(1);
  EXPECT_TRUE(torch::equal(answer, a->forward(x).logits[0]));
}

INSTANTIATE_TEST_SUITE_P(Bodies, AnyBody,
                         testing::Values("c5c3-64", "c5c3-64-w12", "conv4", "resnet-18-w16", "resnet-50-w16"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(MakeBody, RefusesUnknownNames) {
  for (const auto* id : {"", "c5c3", "c5c3-64-w", "c5c3-64-w6", "c5c3-64-w-8", "c5c3-64-w8x", "resnet-18-w32"}) {
    EXPECT_THROW(make_body(id, {}), DeclarationError) << id;
  }
}

TEST(Headed, FurtherHeadsChangeNothingBeforeThem) {
  const auto x = noise({3, 1, 28, 28});
  const auto one = make_headed("c5c3-64", {}, {4}, Stream(3))->forward(x);
  const auto two = make_headed("c5c3-64", {}, {4, 7}, Stream(3))->forward(x);
  EXPECT_TRUE(torch::equal(one.z, two.z));
  EXPECT_TRUE(torch::equal(one.logits[0], two.logits[0]));
  EXPECT_EQ(two.logits[1].sizes(), (Sizes{3, 7}));
}

TEST(Headed, LogitsAreLinearInTheFeatures) {
  const auto net = make_headed("c5c3-64", {}, {4}, Stream(3));
  const auto output = net->forward(noise({3, 1, 28, 28}));
  const auto weights = net->named_parameters();
  EXPECT_TRUE(
      torch::allclose(output.logits[0], output.z.mm(weights["head0.weight"].t()) + weights["head0.bias"], 1e-5, 1e-6));
}

}  // namespace
}  // namespace assay::learn
