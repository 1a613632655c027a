#include "learn/contrastive.hpp"

#include <algorithm>
#include <limits>

#include "learn/update_rule.hpp"

namespace assay::learn {

torch::Tensor nt_xent(const torch::Tensor& v, double temperature) {
  const auto unit_rows = v / v.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12);
  const auto similarity = unit_rows.mm(unit_rows.t()) / temperature;
  const auto self = torch::eye(v.size(0), v.options().dtype(torch::kBool));
  const auto among_others = similarity.masked_fill(self, -std::numeric_limits<float>::infinity()).logsumexp(1);
  const auto with_other_view = (unit_rows * unit_rows.roll(v.size(0) / 2, 0)).sum(1) / temperature;
  return (among_others - with_other_view).mean();
}

torch::Tensor contrastive_view(const torch::Tensor& x, Stream& stream) {
  const auto between = [&stream](double low, double high) { return low + (high - low) * stream.uniform(); };
  const auto n = x.size(0);
  const auto window = torch::zeros({n, 2, 3}), light = torch::empty({n, 2});
  auto to_source = window.accessor<float, 3>();  // from places in the view to places in the image, both in [-1, 1]
  auto of_light = light.accessor<float, 2>();
  for (std::int64_t i = 0; i < n; ++i) {
    const double scale = between(.5, 1);
    to_source[i][0][2] = static_cast<float>(between(scale - 1, 1 - scale));
    to_source[i][1][2] = static_cast<float>(between(scale - 1, 1 - scale));
    to_source[i][0][0] = static_cast<float>(stream.below(2) == 1 ? -scale : scale);
    to_source[i][1][1] = static_cast<float>(scale);
    of_light[i][0] = static_cast<float>(between(.6, 1.4));
    of_light[i][1] = static_cast<float>(between(-.4, .4));
  }
  namespace F = torch::nn::functional;
  const auto places = F::affine_grid(window, x.sizes(), /*align_corners=*/false).to(x.device());
  const auto seen = F::grid_sample(
      x, places, F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(false));
  const auto at = light.to(x.device()).view({n, 2, 1, 1});
  return seen * at.narrow(1, 0, 1) + at.narrow(1, 1, 1);
}

std::shared_ptr<Body> train_contrastive(const ImageSet& images, const std::string& body,
                                        const ContrastiveRecipe& recipe, const Streams& streams, torch::Device device) {
  auto encoder = make_body(body, images.shape());
  const auto net = std::make_shared<Headed>(encoder, std::vector<std::int64_t>{recipe.projection});
  auto init = streams.stream("init"), views = streams.stream("views");
  initialise(*net, init);
  net->to(device);
  Loader loader(images, torch::zeros({images.size()}, torch::kInt64), std::min(recipe.batch, images.size()), {},
                streams.stream("order"), streams.stream("augment"), device);
  PlainRule rule(*net, {.batch = recipe.batch,
                        .learning_rate = recipe.learning_rate,
                        .weight_decay = recipe.weight_decay,
                        .optimiser = Optimiser::kAdam});
  const Score score = [&net, &recipe](const Batch& batch) {
    const auto v = net->forward(batch.x).logits.front();
    return Scored{nt_xent(v, recipe.temperature), v};
  };
  for (std::int64_t step = 0; step < recipe.steps; ++step) {
    auto batch = loader.next();
    const auto first = contrastive_view(batch.x, views);
    batch.x = torch::cat({first, contrastive_view(batch.x, views)});
    rule.step(score, batch, {.learning_rate = recipe.learning_rate});
  }
  encoder->eval();
  return encoder;
}

}  // namespace assay::learn
