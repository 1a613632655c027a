// Graph density (Ebert, Fritz and Schiele, CVPR 2012), as in google/active-learning and ALiPy.
//
// R1  Images are joined to their nearest ones by L1 distance d of the frozen features; an edge counts for both its
//     ends. Its weight is exp(-d / dim), dim the number of features. density_i = mean weight of i's edges.
// R2  Repeat: query the densest member of U (ties: smaller id), and take its density off that of all its neighbours.
// R3  Densities are kept from round to round, as in the code: a neighbour of an old query stays low.
#include <algorithm>
#include <cmath>
#include <map>

#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

using DensityEdges = std::vector<std::map<std::int64_t, double>>;  // weight by neighbour, per image

DensityEdges graph_density_edges(const learn::NearestRows& nearest, std::int64_t features) {  // R1
  const auto index = nearest.index.contiguous();
  const auto distance = nearest.distance.to(torch::kFloat64).contiguous();
  const auto* end = index.const_data_ptr<std::int64_t>();
  const auto* d = distance.const_data_ptr<double>();
  const auto n = index.size(0), k = index.size(1);
  DensityEdges edges(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < k; ++j, ++end, ++d) {
      const double weight = std::exp(-*d / static_cast<double>(features));
      edges[static_cast<std::size_t>(i)][*end] = weight;
      edges[static_cast<std::size_t>(*end)][i] = weight;
    }
  }
  return edges;
}

std::vector<double> graph_density_of(const DensityEdges& edges) {  // R1
  std::vector<double> density;
  for (const auto& of_image : edges) {
    double sum = 0;
    for (const auto& [other, weight] : of_image) sum += weight;
    density.push_back(of_image.empty() ? 0 : sum / static_cast<double>(of_image.size()));
  }
  return density;
}

// R2: m of `from`, which is ascending; changes the densities.
Ids graph_density_picks(const DensityEdges& edges, std::vector<double>& density, Ids from, std::int64_t m) {
  const auto at = [&](std::int64_t id) -> double& { return density[static_cast<std::size_t>(id)]; };
  const auto sparser = [&](std::int64_t a, std::int64_t b) { return at(a) < at(b); };
  Ids picks;
  while (!from.empty() && static_cast<std::int64_t>(picks.size()) < m) {
    const auto densest = std::max_element(from.begin(), from.end(), sparser);  // the first of equal ones
    const double taken = at(*densest);
    for (const auto& [other, weight] : edges[static_cast<std::size_t>(*densest)]) at(other) -= taken;
    picks.push_back(*densest);
    from.erase(densest);
  }
  return picks;
}

class GraphDensity final : public PoolMethod {
 public:
  explicit GraphDensity(StrictObject&) {}

  Ids select(const RoundView& view) override {
    if (edges_.empty()) {
      edges_ = graph_density_edges(view.frozen->neighbours(), view.frozen->features().size(1));
      density_ = graph_density_of(edges_);
    }
    return graph_density_picks(edges_, density_, view.unlabelled, view.budget);
  }

 private:
  DensityEdges edges_;
  std::vector<double> density_;  // R3
};

const Register<GraphDensity> graph_density_registered{"graph-density"};

}  // namespace assay::open_set_al
