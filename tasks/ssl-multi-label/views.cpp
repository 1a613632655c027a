#include "ssl-multi-label/views.hpp"

#include <algorithm>

#include "multi-label-kd/views.hpp"

namespace assay::ssl_multi_label {

namespace {

// Of a scene's quarter both are half as large.
constexpr std::int64_t kShift = 4, kCutout = 24;

bool colour(const torch::Tensor& x) { return x.size(1) == 3; }

torch::Tensor strong_scenes(const torch::Tensor& x, std::int64_t shift, std::int64_t cutout, Stream& augment) {
  std::vector<torch::Tensor> views;
  for (const auto& one : x.unbind()) views.push_back(multi_label::strong_scene_view(one, shift, cutout, augment));
  return torch::stack(views);
}

torch::Tensor strong_colours(const torch::Tensor& pixels, Stream& augment) {
  std::vector<torch::Tensor> views;
  for (const auto& one : pixels.unbind()) {
    const bool mirrored = augment.below(2) == 1;
    views.push_back(multi_label::cutout_rand_augment(mirrored ? one.flip(-1) : one, augment));
  }
  return torch::stack(views);
}

}  // namespace

torch::Tensor patches(const torch::Tensor& x) {
  const auto n = x.size(0), channels = x.size(1), height = x.size(2) / kGrid, width = x.size(3) / kGrid;
  const auto whole = x.narrow(2, 0, kGrid * height).narrow(3, 0, kGrid * width);
  const auto quarters = whole.reshape({n, channels, kGrid, height, kGrid, width})
                            .permute({0, 2, 4, 1, 3, 5})
                            .reshape({n * kPatches, channels, height, width});
  if (!colour(x)) return quarters;
  return torch::upsample_bilinear2d(quarters, {x.size(2), x.size(3)}, /*align_corners=*/false);
}

torch::Tensor Images::chosen(const Rows& rows) const { return pixels_.index_select(0, torch::tensor(rows)); }

torch::Tensor Images::plain(const Rows& rows) const {
  return multi_label::plain(chosen(rows), normalisation_).to(device_);
}

torch::Tensor Images::strong(const Rows& rows, Stream& augment) const {
  const auto pixels = chosen(rows);
  if (colour(pixels)) return multi_label::plain(strong_colours(pixels, augment), normalisation_).to(device_);
  return strong_scenes(multi_label::plain(pixels, normalisation_), kShift, kCutout, augment).to(device_);
}

torch::Tensor Images::strong_patches(const Rows& rows, Stream& augment) const {
  const auto pixels = chosen(rows);
  if (colour(pixels)) {
    const auto resized = patches(pixels.to(torch::kFloat32)).round().to(torch::kUInt8);
    return multi_label::plain(strong_colours(resized, augment), normalisation_).to(device_);
  }
  const auto x = patches(multi_label::plain(pixels, normalisation_));
  return strong_scenes(x, kShift / kGrid, kCutout / kGrid, augment).to(device_);
}

Rows Deck::deal(std::int64_t n) {
  Rows dealt;
  while (static_cast<std::int64_t>(dealt.size()) < n) {
    if (left_.empty()) left_ = order_.permutation(count_);
    dealt.push_back(left_.back());
    left_.pop_back();
  }
  return dealt;
}

}  // namespace assay::ssl_multi_label
