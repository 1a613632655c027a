// Feature spaces of all images that are made without labels, once, and shared by all methods of a setting: artefacts.
// The time this takes is no method's.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>

#include "learn/neighbours.hpp"

namespace assay::open_set_al {

class Frozen {
 public:
  using Make = std::function<torch::Tensor(const std::string& name)>;

  explicit Frozen(Make make) : make_(std::move(make)) {}

  // float32 [pool, d], rows L2-normalised.
  const torch::Tensor& features() const { return get("features"); }
  // The features of the images turned by r quarters, r = 0..3, in the same space: for CCAL's distinctive score.
  const torch::Tensor& turned(int quarters) const { return get("turned-" + std::to_string(quarters)); }
  // The symmetric graph's edges among all pool images: 10 nearest by L1 distance of features().
  learn::NearestRows neighbours() const { return {get("neighbours-index"), get("neighbours-distance")}; }

  // Wall time that making and loading has taken so far: what asked for it first must not be charged with it.
  double seconds() const { return seconds_; }

 private:
  const torch::Tensor& get(const std::string& name) const;

  Make make_;
  mutable std::map<std::string, torch::Tensor> made_;
  mutable double seconds_ = 0;
};

}  // namespace assay::open_set_al
