#include "learn/label_encoders.hpp"

#include <cmath>

#include "learn/selection.hpp"

namespace assay::learn {

namespace {

torch::nn::LayerNorm layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
}

constexpr std::int64_t kHeads = 8, kWide = 2048;
constexpr double kDropped = 0.1;

// [batch, D, places] to [batch, heads, D / heads, places]
torch::Tensor by_head(const torch::Tensor& x) { return x.view({x.size(0), kHeads, x.size(1) / kHeads, x.size(2)}); }

}  // namespace

AttentionPooling::AttentionPooling(std::int64_t channels, std::int64_t classes, std::int64_t embedding)
    : values_(register_module("values", Pointwise(channels, embedding))),
      attention_(register_module("attention", Pointwise(channels, classes))),
      norm_(register_module("norm", layer_norm(embedding))) {}

torch::Tensor AttentionPooling::forward(const torch::Tensor& map) {
  const auto values = values_(map).flatten(2);
  const auto weights = attention_(map).flatten(2).softmax(-1);
  return norm_(torch::bmm(weights, values.transpose(1, 2)));
}

DropoutImpl::DropoutImpl(double share) : share_(share), generator_(generator(0)) {}

torch::Tensor DropoutImpl::forward(const torch::Tensor& x) {
  if (!is_training()) return x;
  const auto kept = torch::empty(x.sizes(), torch::kFloat32).bernoulli_(1 - share_, generator_);
  return x * (kept / (1 - share_)).to(x.device());
}

MlDecoder::MlDecoder(std::int64_t channels, std::int64_t classes, std::int64_t embedding)
    : embed_(register_module("embed", Pointwise(channels, embedding))),
      key_(register_module("key", Pointwise(embedding, embedding))),
      value_(register_module("value", Pointwise(embedding, embedding))),
      query_(register_module("query", Dense(embedding, embedding))),
      out_(register_module("out", Dense(embedding, embedding))),
      widen_(register_module("widen", Dense(embedding, kWide))),
      narrow_(register_module("narrow", Dense(kWide, embedding))),
      norm1_(register_module("norm1", layer_norm(embedding))),
      norm2_(register_module("norm2", layer_norm(embedding))),
      norm3_(register_module("norm3", layer_norm(embedding))),
      queries_(register_buffer("queries", torch::empty({classes, embedding}))),
      dropout_(register_module("dropout", Dropout(kDropped))) {}

void MlDecoder::draw(Stream& init) {
  initialise(*this, init);
  float* value = queries_.data_ptr<float>();
  for (std::int64_t i = 0; i < queries_.numel(); ++i) value[i] = static_cast<float>(init.normal());
  dropout_->seed(init.bits());
}

torch::Tensor MlDecoder::attention(const torch::Tensor& h, const torch::Tensor& memory) {
  const auto queries = by_head(query_(h).transpose(1, 2)).transpose(2, 3);  // [batch, heads, classes, D / heads]
  const auto keys = by_head(key_(memory).flatten(2)), values = by_head(value_(memory).flatten(2));
  const double scale = 1 / std::sqrt(static_cast<double>(keys.size(2)));
  const auto weights = (queries * scale).matmul(keys).softmax(-1);  // [batch, heads, classes, places]
  const auto seen = weights.matmul(values.transpose(2, 3)).transpose(1, 2);
  return out_(seen.flatten(2));
}

torch::Tensor MlDecoder::forward(const torch::Tensor& map) {
  const auto memory = embed_(map).relu();
  const auto queries = queries_.expand({map.size(0), -1, -1});
  const auto h0 = norm1_(queries + dropout_(queries));
  const auto h1 = norm2_(h0 + dropout_(attention(h0, memory)));
  return norm3_(h1 + dropout_(narrow_(dropout_(widen_(h1).relu()))));
}

}  // namespace assay::learn
