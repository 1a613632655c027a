// The methods' networks: sizes, weights, and what they become when parts of them are switched off.
#include <gtest/gtest.h>

#include "crack-detection/protocol.hpp"

namespace assay::cracks {

MapNetwork fcn_network(const View& view);
MapNetwork segnet_network(const View& view);
MapNetwork hed_network(const View& view, std::int64_t convs);
MapNetwork rcf_network(const View& view, std::int64_t convs, std::int64_t channels);
MapNetwork deepcrack_zou_network(const View& view);
MapNetwork context_flow_network(const View& view, std::int64_t stages, const std::string& guidance,
                                const std::string& dilations);

namespace {

View view_of(std::vector<std::int64_t> widths) {
  View view;
  view.widths = std::move(widths);
  return view;
}
const auto kQuick = view_of({8, 16, 32});

std::int64_t weights_of(const MapNetwork& network) {
  std::int64_t count = 0;
  for (const auto& weight : network.module->parameters()) count += weight.numel();
  return count;
}

torch::Tensor texture(std::int64_t height, std::int64_t width) {  // drawn from no generator
  return torch::arange(height * width, torch::kFloat32).mul(0.7).sin().view({1, 1, height, width});
}

std::map<std::string, torch::Tensor> weights(const MapNetwork& network) {
  std::map<std::string, torch::Tensor> named;
  for (const auto& item : network.module->named_parameters()) named[item.key()] = item.value();
  return named;
}

TEST(CrackNetworks, HaveTheWeightsOfTheSpecification) {
  EXPECT_EQ(weights_of(fcn_network(kQuick)), 15257);
  EXPECT_EQ(weights_of(hed_network(kQuick, 2)), 18215);
  EXPECT_EQ(weights_of(deepcrack_zou_network(kQuick)), 12439);
  EXPECT_EQ(weights_of(segnet_network(kQuick)), 12344 + 9);
  // every convolution's 1x1 map to 8 channels in place of HED's sides
  EXPECT_EQ(weights_of(rcf_network(kQuick, 2, 8)), 18215 - 59 + 2 * (72 + 136 + 264) + 3 * 9);
}

// One stage: 680 for the two full-size convolutions, 2192 and 8608 for the dilated blocks, 33 for the head.
TEST(CrackNetworks, ContextFlowGrowsWithItsParts) {
  const auto count = [](std::int64_t stages, const char* guidance) {
    return weights_of(context_flow_network(kQuick, stages, guidance, "1-2-4"));
  };
  EXPECT_EQ(count(1, "gate"), 680 + 2192 + 8608 + 33);
  const auto all = count(0, "gate");
  EXPECT_EQ(all, 11513 + (512 + 33 + 4784 + 17) + (128 + 17 + 1240 + 9));
  EXPECT_EQ(count(3, "gate"), all);
  EXPECT_EQ(count(3, "prob"), all - 33 - 17);                                           // no gates
  EXPECT_EQ(count(3, "feature"), all - 33 - 17 - 16 * 9 - 8 * 9);                       // no probabilities
  EXPECT_EQ(count(3, "none"), 11513 + (16 * 16 * 9 + 32 + 17) + (8 * 8 * 9 + 16 + 9));  // each level by itself
}

TEST(CrackNetworks, GiveMapsOfThePicturesSizeForAnyWidths) {
  const auto x = texture(53, 70);
  for (const auto& widths : std::vector<std::vector<std::int64_t>>{{4, 8}, {8, 16, 32}, {4, 6, 8, 10, 12}}) {
    const auto view = view_of(widths);
    const auto stages = widths.size();
    const std::vector<std::pair<MapNetwork, std::size_t>> networks{{fcn_network(view), 1},
                                                                   {segnet_network(view), 1},
                                                                   {hed_network(view, 2), stages + 1},
                                                                   {rcf_network(view, 2, 8), stages + 1},
                                                                   {deepcrack_zou_network(view), stages + 1}};
    for (const auto& [network, maps] : networks) {
      network.module->eval();
      const auto found = network.maps(x);
      EXPECT_EQ(found.size(), maps);
      for (const auto& map : found) EXPECT_EQ(map.sizes(), x.sizes());
    }
    const auto flow = context_flow_network(view, 0, "gate", "1-2-4").maps(x);
    ASSERT_EQ(flow.size(), stages);
    EXPECT_EQ(flow.front().size(2), 53 >> (stages - 1));
    EXPECT_EQ(flow.back().sizes(), x.sizes());
  }
}

TEST(CrackNetworks, LogitsStartAtThePrior) {
  for (const auto& network :
       {fcn_network(kQuick), segnet_network(kQuick), hed_network(kQuick, 2), rcf_network(kQuick, 2, 8),
        deepcrack_zou_network(kQuick), context_flow_network(kQuick, 0, "gate", "1-2-4")}) {
    for (const auto& [name, weight] : weights(network)) {
      if (!name.ends_with("bias") || weight.numel() > 1) continue;
      if (name == "fusion.bias") {
        EXPECT_EQ(weight.item<float>(), 0) << name;
      } else if (name.ends_with("gate.bias")) {
        EXPECT_NE(weight.item<float>(), -3) << name;  // a gate is no output
      } else {
        EXPECT_EQ(weight.item<float>(), -3) << name;
      }
    }
  }
}

TEST(FcnNetwork, OfAConstantPictureIsConstantAwayFromTheBorder) {
  const auto network = fcn_network(kQuick);
  network.module->eval();
  const auto map = network.maps(torch::ones({1, 1, 64, 64}))[0].narrow(2, 20, 24).narrow(3, 20, 24);
  EXPECT_NEAR((map - map.mean()).abs().max().item<double>(), 0, 1e-5);
  EXPECT_EQ(network.maps(torch::ones({1, 1, 128, 128}))[0].size(2), 128);
}

// One convolution a stage, and 1x1 maps that hand HED's channels through (the rest of the 32 stay empty).
TEST(RcfNetwork, WithIdentityMapsIsHed) {
  const auto hed = hed_network(kQuick, 1), rcf = rcf_network(kQuick, 1, 32);
  torch::NoGradGuard no_grad;
  auto from = weights(hed), to = weights(rcf);
  for (auto& [name, weight] : to) {
    if (name.starts_with("tap")) {
      weight.zero_();
      if (name.ends_with("weight")) {
        for (std::int64_t c = 0; c < weight.size(1); ++c) weight[c][c] = 1;
      }
    } else if (name.starts_with("side") && name.ends_with("weight")) {
      weight.zero_();
      weight.narrow(1, 0, from.at(name).size(1)).copy_(from.at(name));
    } else {
      weight.copy_(from.at(name));
    }
  }
  const auto x = texture(48, 40);
  const auto a = hed.maps(x), b = rcf.maps(x);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_TRUE(torch::allclose(a[k], b[k], 1e-5, 1e-5)) << k;
}

TEST(HedNetwork, FusesByTheMeanAtFirst) {
  const auto maps = hed_network(kQuick, 2).maps(texture(32, 32));
  EXPECT_TRUE(torch::allclose(maps[3], (maps[0] + maps[1] + maps[2]) / 3, 1e-5, 1e-5));
}

TEST(ContextFlowNetwork, WithAZeroGateIsTheOneWithoutGates) {
  const auto gated = context_flow_network(kQuick, 0, "gate", "1-2-4");
  const auto open = context_flow_network(kQuick, 0, "prob", "1-2-4");
  torch::NoGradGuard no_grad;
  auto to = weights(open);
  for (auto& [name, weight] : weights(gated)) {
    if (name.find(".gate.") != std::string::npos) {
      weight.zero_();  // g = 1/2 + sigmoid(0) = 1
    } else {
      to.at(name).copy_(weight);
    }
  }
  const auto x = texture(40, 44);
  const auto a = gated.maps(x), b = open.maps(x);
  for (std::size_t s = 0; s < a.size(); ++s) EXPECT_TRUE(torch::equal(a[s], b[s])) << s;
}

TEST(ContextFlowNetwork, HandsGradientsThroughItsGuidance) {
  const auto network = context_flow_network(kQuick, 0, "gate", "1-2-4");
  network.maps(texture(32, 32)).back().sum().backward();
  for (const auto& [name, weight] : weights(network)) {
    EXPECT_TRUE(weight.grad().defined() && weight.grad().abs().sum().item<float>() > 0) << name;
  }
}

TEST(ContextFlowNetwork, OfOneStageEndsAtTheCoarsestStride) {
  const auto maps = context_flow_network(kQuick, 1, "gate", "1-2-4").maps(texture(48, 48));
  ASSERT_EQ(maps.size(), 1u);
  EXPECT_EQ(maps[0].size(2), 12);  // as fcn before its upsampling
}

}  // namespace
}  // namespace assay::cracks
