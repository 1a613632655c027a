#include "vision/matching.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/max_cardinality_matching.hpp>

#include "core/streams.hpp"

namespace assay::vision {
namespace {

using Neighbours = std::vector<std::vector<std::int32_t>>;

Neighbours random_graph(Stream& stream, std::size_t left, std::size_t right, double edges_each) {
  Neighbours neighbours(left);
  const double share = edges_each / static_cast<double>(right);
  for (auto& list : neighbours) {
    for (std::size_t r = 0; r < right; ++r) {
      if (stream.uniform() < share) list.push_back(static_cast<std::int32_t>(r));
    }
  }
  return neighbours;
}

// The best over all choices for the left ones from `left` on; bit r of `taken`: right one r has a partner.
std::size_t by_trying_all(const Neighbours& neighbours, std::size_t left, unsigned taken) {
  if (left == neighbours.size()) return 0;
  std::size_t best = by_trying_all(neighbours, left + 1, taken);
  for (const auto right : neighbours[left]) {
    if (taken >> right & 1) continue;
    best = std::max(best, 1 + by_trying_all(neighbours, left + 1, taken | 1u << right));
  }
  return best;
}

std::size_t by_boost(const Neighbours& neighbours, std::size_t right) {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> graph(neighbours.size() + right);
  for (std::size_t l = 0; l < neighbours.size(); ++l) {
    for (const auto r : neighbours[l]) boost::add_edge(l, neighbours.size() + static_cast<std::size_t>(r), graph);
  }
  std::vector<std::size_t> mate(neighbours.size() + right);
  boost::edmonds_maximum_cardinality_matching(graph, mate.data());
  return boost::matching_size(graph, mate.data());
}

TEST(Matching, OfNobody) {
  EXPECT_EQ(maximum_matching({}, 0), 0u);
  EXPECT_EQ(maximum_matching({}, 3), 0u);
  EXPECT_EQ(maximum_matching({{}, {}}, 2), 0u);
}

TEST(Matching, FindsWhatGreedLoses) {
  EXPECT_EQ(maximum_matching({{0, 1}, {0}}, 2), 2u);
  EXPECT_EQ(maximum_matching({{0, 1}, {0, 2}, {1, 2}, {0, 1, 2}}, 3), 3u);
}

TEST(Matching, AgreesWithTryingAll) {
  Stream stream(5);
  for (int round = 0; round < 1000; ++round) {
    const std::size_t left = stream.below(7), right = 1 + stream.below(7);
    const auto graph = random_graph(stream, left, right, stream.uniform() * 4);
    ASSERT_EQ(maximum_matching(graph, right), by_trying_all(graph, 0, 0));
  }
}

TEST(Matching, AgreesWithBoost) {
  Stream stream(6);
  for (int round = 0; round < 40; ++round) {
    const std::size_t left = 1 + stream.below(150), right = 1 + stream.below(150);
    const auto graph = random_graph(stream, left, right, 0.5 + stream.uniform() * 3);
    ASSERT_EQ(maximum_matching(graph, right), by_boost(graph, right));
  }
}

// Two skeletons one pixel apart, each pixel with the five nearest ones of the other.
TEST(Matching, OfLongLines) {
  constexpr std::int32_t kLength = 20000;
  Neighbours graph(kLength);
  for (std::int32_t l = 0; l < kLength; ++l) {
    for (std::int32_t r = std::max(0, l - 2); r <= std::min(kLength - 2, l + 2); ++r) {
      graph[static_cast<std::size_t>(l)].push_back(r);
    }
  }
  EXPECT_EQ(maximum_matching(graph, kLength - 1), static_cast<std::size_t>(kLength - 1));
}

// One augmenting path through all of a chain, which a recursion would not survive.
TEST(Matching, OfAPathAsLongAsTheGraph) {
  constexpr std::int32_t kLength = 300000;
  Neighbours graph(kLength);
  for (std::int32_t l = 0; l < kLength; ++l) {
    if (l + 1 < kLength) graph[static_cast<std::size_t>(l)].push_back(l + 1);
    graph[static_cast<std::size_t>(l)].push_back(l);
  }
  graph.back() = {kLength - 1};
  graph.push_back({0});
  EXPECT_EQ(maximum_matching(graph, kLength), static_cast<std::size_t>(kLength));
}

}  // namespace
}  // namespace assay::vision
