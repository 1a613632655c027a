#include "learn/label_encoders.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "learn/tests/drawn.hpp"

namespace assay::learn {
namespace {

using Sizes = std::vector<std::int64_t>;

TEST(AttentionPooling, IsTheNormalisedMeanOfValuesUnderEachClassAttention) {
  const auto encoder = std::make_shared<AttentionPooling>(3, 2, 4);
  Stream stream(1);
  encoder->draw(stream);
  const auto map = drawn({2, 3, 5, 6}, 2);
  const auto e = encoder->forward(map);
  ASSERT_EQ(e.sizes(), (Sizes{2, 2, 4}));
  const auto named = encoder->named_parameters();
  const auto tokens = map.flatten(2).transpose(1, 2);  // [batch, places, channels]
  const auto values = torch::linear(tokens, named["values.weight"].flatten(1), named["values.bias"]);
  const auto scores = torch::linear(tokens, named["attention.weight"].flatten(1), named["attention.bias"]);
  for (std::int64_t image = 0; image < 2; ++image) {
    for (std::int64_t k = 0; k < 2; ++k) {
      const auto attention = scores[image].select(1, k).exp() / scores[image].select(1, k).exp().sum();
      const auto pooled = (values[image] * attention.unsqueeze(1)).sum(0);
      const auto centred = pooled - pooled.mean();
      EXPECT_TRUE(torch::allclose(e[image][k], centred / (centred.pow(2).mean() + 1e-5).sqrt(), 1e-4, 1e-5));
    }
  }
}

std::shared_ptr<MlDecoder> decoder(std::uint64_t seed) {
  const auto encoder = std::make_shared<MlDecoder>(5, 3, 16);
  Stream stream(seed);
  encoder->draw(stream);
  return encoder;
}

// Image by image and head by head.
TEST(MlDecoder, IsCrossAttentionOfFixedQueriesAndAFeedForwardLayer) {
  const auto encoder = decoder(1);
  encoder->eval();
  const auto map = drawn({2, 5, 2, 3}, 2);
  const auto e = encoder->forward(map);
  ASSERT_EQ(e.sizes(), (Sizes{2, 3, 16}));
  const auto named = encoder->named_parameters();
  const auto layer = [&](const std::string& name, const torch::Tensor& x) {
    return torch::linear(x, named[name + ".weight"].flatten(1), named[name + ".bias"]);
  };
  const auto normalised = [](const torch::Tensor& x) {
    return torch::layer_norm(x, {16});
  };  // weight 1, bias 0 at first
  for (std::int64_t image = 0; image < 2; ++image) {
    const auto memory = layer("embed", map[image].flatten(1).t()).relu();
    const auto h0 = normalised(2 * encoder->named_buffers()["queries"]);
    const auto q = layer("query", h0), k = layer("key", memory), v = layer("value", memory);
    std::vector<torch::Tensor> heads;
    for (std::int64_t head = 0; head < 8; ++head) {
      const auto part = [head](const torch::Tensor& x) { return x.narrow(1, 2 * head, 2); };
      heads.push_back((part(q).mm(part(k).t()) / std::sqrt(2.0)).softmax(1).mm(part(v)));
    }
    const auto h1 = normalised(h0 + layer("out", torch::cat(heads, 1)));
    const auto expected = normalised(h1 + layer("narrow", layer("widen", h1).relu()));
    EXPECT_TRUE(torch::allclose(e[image], expected, 1e-4, 1e-5));
  }
}

TEST(MlDecoder, DoesNotLearnItsQueries) {
  const auto encoder = decoder(1);
  EXPECT_FALSE(encoder->named_parameters().contains("queries"));
  EXPECT_FALSE(encoder->named_buffers()["queries"].requires_grad());
  EXPECT_NE(encoder->named_buffers()["queries"].abs().sum().item<double>(), 0);
}

TEST(MlDecoder, DropsOutInTrainingOnlyAndFromItsOwnGenerator) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  const auto a = decoder(1), b = decoder(1);
  const auto map = drawn({2, 5, 2, 3}, 2);
  const auto first = a->forward(map), second = a->forward(map);
  EXPECT_FALSE(torch::equal(first, second));
  EXPECT_TRUE(torch::equal(first, b->forward(map)));  // the same draws from the same stream
  EXPECT_TRUE(torch::equal(second, b->forward(map)));
  a->eval();
  EXPECT_TRUE(torch::equal(a->forward(map), a->forward(map)));
  EXPECT_TRUE(torch::equal(before, global.get_state()));
}

TEST(Dropout, ZeroesItsShareAndKeepsTheMean) {
  Dropout dropout(0.1);
  dropout->seed(3);
  const auto y = dropout(torch::ones({100, 100}));
  EXPECT_NEAR(y.eq(0).to(torch::kFloat32).mean().item<double>(), 0.1, 0.01);
  EXPECT_TRUE(torch::allclose(y.masked_select(y.ne(0)), torch::full({1}, 1 / 0.9)));
}

}  // namespace
}  // namespace assay::learn
