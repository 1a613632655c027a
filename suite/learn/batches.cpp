#include "learn/batches.hpp"

#include <algorithm>

#include "core/errors.hpp"

namespace assay::learn {

ImageSet::ImageSet(torch::Tensor pixels, const Normalisation& normalisation) : pixels_(std::move(pixels)) {
  levels_ = torch::empty({pixels_.size(1), 256});
  auto level = levels_.accessor<float, 2>();
  for (std::int64_t channel = 0; channel < pixels_.size(1); ++channel) {
    const auto c = static_cast<std::size_t>(channel);
    for (int byte = 0; byte < 256; ++byte) {
      const double value = (byte / 255.0 - normalisation.mean.at(c)) / normalisation.deviation.at(c);
      level[channel][byte] = static_cast<float>(value);
    }
  }
}

ImageSet ImageSet::subset(const torch::Tensor& rows) const {
  ImageSet chosen;
  chosen.pixels_ = pixels_.index_select(0, rows);
  chosen.levels_ = levels_;
  return chosen;
}

namespace {

// A row of an image, read with a shift and possibly mirrored; what lies outside is black.
struct Shift {
  std::int64_t down = 0, right = 0;
  bool mirrored = false;
};

void copy_shifted(const std::uint8_t* from, const float* levels, const ImageShape& shape, const Shift& shift,
                  float* to) {
  for (std::int64_t row = 0; row < shape.height; ++row) {
    const auto source_row = row + shift.down;
    const bool inside = source_row >= 0 && source_row < shape.height;
    for (std::int64_t column = 0; column < shape.width; ++column) {
      const auto source = (shift.mirrored ? shape.width - 1 - column : column) + shift.right;
      const bool seen = inside && source >= 0 && source < shape.width;
      *to++ = levels[seen ? from[source_row * shape.width + source] : 0];
    }
  }
}

void copy_image(const torch::Tensor& pixels, const torch::Tensor& levels, const ImageShape& shape, std::int64_t row,
                const Shift& shift, float* to) {
  const auto plane = shape.height * shape.width;
  for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
    copy_shifted(pixels.const_data_ptr<std::uint8_t>() + (row * shape.channels + channel) * plane,
                 levels.const_data_ptr<float>() + channel * 256, shape, shift, to + channel * plane);
  }
}

}  // namespace

torch::Tensor ImageSet::plain(std::int64_t from, std::int64_t to) const {
  const auto [channels, height, width] = shape();
  const auto x = torch::empty({to - from, channels, height, width});
  const auto size = channels * height * width;
  for (auto row = from; row < to; ++row) {
    copy_image(pixels_, levels_, shape(), row, {}, x.data_ptr<float>() + (row - from) * size);
  }
  return x;
}

torch::Tensor ImageSet::weak(std::span<const std::int64_t> rows, const Augmentation& augmentation,
                             Stream& augment) const {
  const auto [channels, height, width] = shape();
  const auto x = torch::empty({static_cast<std::int64_t>(rows.size()), channels, height, width});
  const auto draw = [&augment, shift = augmentation.shift] {
    return static_cast<std::int64_t>(augment.below(static_cast<std::uint64_t>(2 * shift + 1))) - shift;
  };
  float* to = x.data_ptr<float>();
  for (const auto row : rows) {
    const auto down = draw();
    const auto right = draw();
    const bool mirrored = augment.below(2) == 1 && augmentation.mirror;
    copy_image(pixels_, levels_, shape(), row, {down, right, mirrored}, to);
    to += channels * height * width;
  }
  return x;
}

Loader::Loader(const ImageSet& images, const torch::Tensor& labels, std::int64_t batch, Augmentation augmentation,
               Stream order, Stream augment, torch::Device device)
    : images_(images),
      labels_(labels),
      batch_(batch),
      augmentation_(augmentation),
      order_stream_(order),
      augment_stream_(augment),
      device_(device) {
  if (batch < 2 || batch > images.size()) {
    throw DeclarationError({"batch size", "budget",
                            "2 to the number of training images, " + std::to_string(images.size()),
                            std::to_string(batch), ""});
  }
}

Batch Loader::next() {
  const auto steps = steps_per_epoch();
  if (taken_ % steps == 0) order_ = order_stream_.permutation(images_.size());
  const auto first = order_.data() + taken_ % steps * batch_;
  const std::span<const std::int64_t> rows(first, static_cast<std::size_t>(batch_));
  Batch batch;
  batch.index = torch::tensor(std::vector<std::int64_t>(rows.begin(), rows.end()), torch::kInt64);
  batch.x = images_.weak(rows, augmentation_, augment_stream_).to(device_);
  batch.y = labels_.index_select(0, batch.index).to(device_);
  batch.epoch = taken_ / steps;
  batch.step = taken_++;
  return batch;
}

}  // namespace assay::learn
