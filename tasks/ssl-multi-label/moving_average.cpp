#include "ssl-multi-label/moving_average.hpp"

namespace assay::ssl_multi_label {

MovingAverage::MovingAverage(const torch::nn::Module& of, torch::nn::Module& average, double decay) : decay_(decay) {
  const auto pair_up = [this](const std::vector<torch::Tensor>& from, const std::vector<torch::Tensor>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      (from[i].is_floating_point() ? averaged_ : copied_).emplace_back(from[i].detach(), to[i].detach());
    }
  };
  pair_up(of.parameters(), average.parameters());
  pair_up(of.buffers(), average.buffers());
}

void MovingAverage::update() {
  torch::NoGradGuard no_grad;
  for (auto& [from, to] : averaged_) to.lerp_(from, 1 - decay_);
  for (auto& [from, to] : copied_) to.copy_(from);
}

}  // namespace assay::ssl_multi_label
