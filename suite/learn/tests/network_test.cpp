#include "learn/network.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace assay::learn {
namespace {

std::int64_t weights(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

TEST(T90, HasThePublishedNumberOfWeightsAndShapes) {
  const auto net = make_network("t90", {1, 28, 28}, 10, Stream(1));
  EXPECT_EQ(weights(*net), 89914);
  const auto out = net->forward(torch::zeros({2, 1, 28, 28}));
  EXPECT_EQ(out.logits.sizes(), (std::vector<std::int64_t>{2, 10}));
  EXPECT_EQ(out.z.sizes(), (std::vector<std::int64_t>{2, 64}));
  EXPECT_EQ(out.m.sizes(), (std::vector<std::int64_t>{2, 32}));
}

TEST(PreActResNet18, HasTheWeightsOfItsLayers) {
  std::int64_t expected = 9 * 64 + 2 * 512 + 512 * 10 + 10;  // stem, last norm, classifier
  for (const auto& [in, out] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {64, 64}, {64, 64}, {64, 128}, {128, 128}, {128, 256}, {256, 256}, {256, 512}, {512, 512}}) {
    expected += 9 * in * out + 9 * out * out + 2 * in + 2 * out + (in == out ? 0 : in * out);
  }
  const auto net = make_network("preact-resnet-18", {1, 28, 28}, 10, Stream(1));
  EXPECT_EQ(weights(*net), expected);
  EXPECT_EQ(net->forward(torch::zeros({2, 1, 28, 28})).z.sizes(), (std::vector<std::int64_t>{2, 512}));
}

TEST(Network, TakesItsWeightsFromTheStreamAlone) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  const auto a = make_network("t90", {}, 10, Stream(7)), b = make_network("t90", {}, 10, Stream(7));
  const auto c = make_network("t90", {}, 10, Stream(8));
  EXPECT_TRUE(torch::equal(before, global.get_state()));
  EXPECT_TRUE(torch::equal(a->parameters()[0], b->parameters()[0]));
  EXPECT_FALSE(torch::equal(a->parameters()[0], c->parameters()[0]));
}

TEST(Network, StartsWithinOneOverTheRootOfTheFanIn) {
  const auto net = make_network("t90", {}, 10, Stream(1));
  const auto first = net->named_parameters()["conv1.weight"];  // fan in 25
  EXPECT_LE(first.abs().max().item<double>(), 0.2);
  EXPECT_GT(first.abs().max().item<double>(), 0.19);
}

TEST(Network, RefusesAnUnknownName) { EXPECT_THROW(make_network("t91", {}, 10, Stream(1)), DeclarationError); }

TEST(Work, CountsABackwardOnlyWhereGradientsAreOn) {
  const auto work = std::make_shared<Work>();
  const auto net = make_network("t90", {}, 10, Stream(1));
  net->count_in(work);
  net->forward(torch::zeros({6, 1, 28, 28}));
  EXPECT_DOUBLE_EQ(work->passes(), 6);
  torch::NoGradGuard no_grad;
  net->forward(torch::zeros({6, 1, 28, 28}));
  EXPECT_DOUBLE_EQ(work->passes(), 8);
}

}  // namespace
}  // namespace assay::learn
