#include "learn/gradient_embedding.hpp"

#include "learn/neighbours.hpp"

namespace assay::learn {

namespace {

// A squared distance below this part of the squared norms is what rounding left of 0: equal examples have distance 0.
constexpr double kRounding = 1e-13;

torch::Tensor dot_products(const GradientEmbedding& g, const GradientEmbedding& h) {
  return torch::matmul(g.error, h.error.t()).mul_(torch::matmul(g.features, h.features.t()));
}

}  // namespace

GradientEmbedding GradientEmbedding::rows(const torch::Tensor& index) const {
  return {error.index_select(0, index), features.index_select(0, index), norm.index_select(0, index)};
}

GradientEmbedding gradient_embedding(const torch::Tensor& p, const torch::Tensor& z, const torch::Tensor& y,
                                     bool bias) {
  const auto probability = p.detach().to(torch::kFloat64);
  const auto label = y.defined() ? y : probability.argmax(1);
  const auto error = torch::one_hot(label, p.size(1)).to(torch::kFloat64) - probability;
  auto features = z.detach().to(torch::kFloat64);
  if (bias) features = torch::cat({features, torch::ones({z.size(0), 1}, features.options())}, 1);
  return {error, features, error.square().sum(1) * features.square().sum(1)};
}

torch::Tensor squared_distances(const GradientEmbedding& g, const GradientEmbedding& h) {
  const auto norms = g.norm.unsqueeze(1) + h.norm.unsqueeze(0);
  const auto distance = norms - 2 * dot_products(g, h);
  return distance.masked_fill(distance.le(kRounding * norms), 0);
}

torch::Tensor cosines(const GradientEmbedding& g, const GradientEmbedding& h) {
  const auto unit = [](const GradientEmbedding& of) {  // apart, since products of small norms would round to 0
    return GradientEmbedding{normalised(of.error), normalised(of.features), of.norm};
  };
  return dot_products(unit(g), unit(h)).clamp_(-1, 1);
}

}  // namespace assay::learn
