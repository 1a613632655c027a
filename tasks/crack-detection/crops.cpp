#include "crack-detection/crops.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace assay::cracks {

double Schedule::learning_rate(std::int64_t step) const {
  const double rise = warmup > 0 ? std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup)) : 1;
  const double t = static_cast<double>(step) / static_cast<double>(steps);
  return recipe.learning_rate * rise * (1 + std::cos(std::numbers::pi * t)) / 2;
}

torch::Tensor dihedral(const torch::Tensor& x, std::int64_t element) {
  const auto turned = element % 4 == 0 ? x : torch::rot90(x, element % 4, {-2, -1});
  return element >= 4 ? turned.flip({-1}) : turned;
}

CropLoader::CropLoader(const std::vector<Picture>& pictures, const std::vector<torch::Tensor>& truth,
                       const Schedule& schedule, std::int64_t corner_multiple, Stream order, Stream augment,
                       torch::Device device)
    : pictures_(pictures),
      truth_(truth),
      batch_(schedule.batch),
      corner_multiple_(corner_multiple),
      height_(schedule.crop),
      width_(schedule.crop),
      order_stream_(order),
      augment_stream_(augment),
      device_(device),
      order_(pictures.size()) {
  for (const auto& picture : pictures) {
    height_ = std::min(height_, picture.grey.size(0));
    width_ = std::min(width_, picture.grey.size(1));
  }
  height_ = width_ = std::min(height_, width_) / corner_multiple * corner_multiple;  // square: quarter turns keep it so
}

std::int64_t CropLoader::next_image() {
  if (taken_ == order_.size()) taken_ = 0;
  if (taken_ == 0) {
    std::iota(order_.begin(), order_.end(), 0);
    order_stream_.shuffle(order_);
  }
  return order_[taken_++];
}

learn::Batch CropLoader::next() {
  std::vector<torch::Tensor> x, y;
  learn::Batch batch;
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < batch_; ++i) {
    const auto row = static_cast<std::size_t>(next_image());
    const auto corner = [&](std::int64_t size, std::int64_t crop) {
      const auto places = static_cast<std::uint64_t>((size - crop) / corner_multiple_ + 1);
      return static_cast<std::int64_t>(augment_stream_.below(places)) * corner_multiple_;
    };
    const auto top = corner(pictures_[row].grey.size(0), height_);
    const auto left = corner(pictures_[row].grey.size(1), width_);
    const auto element = static_cast<std::int64_t>(augment_stream_.below(8));
    const auto cut = [&](const torch::Tensor& from) {
      return dihedral(from.narrow(-2, top, height_).narrow(-1, left, width_), element);
    };
    x.push_back(cut(pictures_[row].x[0]));
    y.push_back(cut(truth_[row].unsqueeze(0)));
    rows.push_back(static_cast<std::int64_t>(row));
  }
  batch.x = torch::stack(x).to(device_);
  batch.y = torch::stack(y).to(device_);
  batch.index = torch::tensor(rows, torch::kInt64);
  batch.step = step_++;
  batch.epoch = batch.step * batch_ / static_cast<std::int64_t>(pictures_.size());
  return batch;
}

}  // namespace assay::cracks
