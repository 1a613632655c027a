#include "multi-label-kd/loader.hpp"

#include "core/errors.hpp"
#include "multi-label-kd/views.hpp"

namespace assay::multi_label_kd {

Loader::Loader(const View& view) : view_(view), steps_per_epoch_(view.train->size() / view.schedule.batch) {
  if (steps_per_epoch_ == 0) {
    throw DataError({"too few training images", "this setting",
                     "at least one batch of " + std::to_string(view.schedule.batch), std::to_string(view.train->size()),
                     ""});
  }
}

void Loader::begin_epoch() {
  const auto epoch = step_ / steps_per_epoch_, images = view_.train->size();
  order_ = torch::tensor(view_.stream("order", epoch).permutation(images), torch::kInt64);
  auto augment = view_.stream("augment", epoch);
  mirrored_ = torch::empty({images}, torch::kBool);
  auto* mirrored = mirrored_.data_ptr<bool>();
  for (std::int64_t i = 0; i < images; ++i) mirrored[i] = augment.uniform() < 0.5;
  colours_ = augment;
}

torch::Tensor Loader::pixels_of(const torch::Tensor& index) {
  auto pixels = view_.train->pixels.index_select(0, index);
  if (!view_.colour_views) return pixels;
  for (std::int64_t i = 0; i < pixels.size(0); ++i) {
    pixels[i].copy_(multi_label::cutout_rand_augment(pixels[i], colours_));
  }
  return pixels;
}

Batch Loader::next() {
  const auto within = step_ % steps_per_epoch_, size = view_.schedule.batch;
  if (within == 0) begin_epoch();
  Batch batch;
  batch.index = order_.slice(0, within * size, (within + 1) * size);
  batch.mirrored = mirrored_.index_select(0, batch.index);
  const auto x = multi_label::plain(pixels_of(batch.index), view_.normalisation);
  batch.x = multi_label::mirrored(x, batch.mirrored).to(view_.device);
  batch.y = view_.train->labels.index_select(0, batch.index).to(view_.device);
  batch.epoch = step_ / steps_per_epoch_;
  batch.step = step_++;
  batch.epochs = view_.schedule.epochs;
  batch.steps = batch.epochs * steps_per_epoch_;
  return batch;
}

}  // namespace assay::multi_label_kd
