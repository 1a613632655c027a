#include "multi-label-kd/views.hpp"

#include <algorithm>
#include <cstring>

#include "vision/rand_augment.hpp"

namespace assay::multi_label {

namespace {

struct Square {
  std::int64_t top = 0, left = 0, height = 0, width = 0;
};

// With its centre drawn anywhere in the image (row, then column) and clipped to it.
Square draw_square(std::int64_t side, std::int64_t height, std::int64_t width, Stream& stream) {
  const auto part = [&](std::int64_t length) {
    const auto centre = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(length)));
    const auto from = std::max<std::int64_t>(centre - side / 2, 0);
    return std::pair{from, std::max<std::int64_t>(std::min(centre - side / 2 + side, length) - from, 0)};
  };
  const auto [top, rows] = part(height);
  const auto [left, columns] = part(width);
  return {top, left, rows, columns};
}

torch::Tensor inside(const torch::Tensor& image, const Square& square) {  // image: [channels, height, width]
  return image.narrow(1, square.top, square.height).narrow(2, square.left, square.width);
}

vision::Colour colour_of(const torch::Tensor& image) {  // uint8 [3, height, width], contiguous
  const vision::Grid<std::uint8_t> empty(image.size(1), image.size(2));
  vision::Colour colour{empty, empty, empty};
  const auto* bytes = image.const_data_ptr<std::uint8_t>();
  for (auto* plane : {&colour.red, &colour.green, &colour.blue}) {
    std::memcpy(plane->values.data(), bytes, plane->size());
    bytes += plane->size();
  }
  return colour;
}

torch::Tensor tensor_of(const vision::Colour& colour) {
  const auto image = torch::empty({3, colour.red.height, colour.red.width}, torch::kUInt8);
  auto* bytes = image.data_ptr<std::uint8_t>();
  for (const auto* plane : {&colour.red, &colour.green, &colour.blue}) {
    std::memcpy(bytes, plane->values.data(), plane->size());
    bytes += plane->size();
  }
  return image;
}

}  // namespace

torch::Tensor plain(const torch::Tensor& pixels, const learn::Normalisation& normalisation) {
  const auto per_channel = [&](const std::vector<double>& values) {
    return torch::tensor(values, torch::TensorOptions(torch::kFloat32).device(pixels.device())).view({1, -1, 1, 1});
  };
  return (pixels.to(torch::kFloat32) / 255 - per_channel(normalisation.mean)) / per_channel(normalisation.deviation);
}

torch::Tensor mirrored(const torch::Tensor& x, const torch::Tensor& which) {
  return torch::where(which.view({-1, 1, 1, 1}), x.flip(3), x);
}

torch::Tensor cutout_rand_augment(const torch::Tensor& image, Stream& stream) {
  const auto cut = image.clone(torch::MemoryFormat::Contiguous);
  const auto square = draw_square(image.size(1) / 2, image.size(1), image.size(2), stream);
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    inside(cut, square)[channel].fill_(static_cast<std::int64_t>(stream.below(256)));
  }
  return tensor_of(vision::rand_augment(colour_of(cut), stream));
}

// Draws, always all and in this order: mirrored or not; shift down, shift right; a; b; row and column of the square's
// centre.
torch::Tensor strong_scene_view(const torch::Tensor& x, std::int64_t shift, std::int64_t cutout, Stream& stream) {
  const torch::NoGradGuard no_grad;
  const auto step = [&] {
    return static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(2 * shift + 1))) - shift;
  };
  const bool mirror = stream.uniform() < 0.5;
  const auto down = step();
  const auto right = step();
  const double a = 0.6 + 0.8 * stream.uniform();
  const double b = stream.uniform() - 0.5;
  const auto square = draw_square(cutout, x.size(1), x.size(2), stream);
  auto view = torch::roll(mirror ? x.flip(2) : x, {down, right}, {1, 2});
  const double mean = view.mean().item<double>();
  view.mul_(a).add_((1 - a) * mean + b);
  inside(view, square).zero_();
  return view;
}

}  // namespace assay::multi_label
