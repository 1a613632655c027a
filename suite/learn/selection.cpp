#include "learn/selection.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

namespace assay::learn {

double keep_rate(std::int64_t epoch, double tau, std::int64_t ramp) {
  return 1 - tau * std::min(static_cast<double>(epoch) / static_cast<double>(ramp), 1.0);
}

torch::Tensor smallest(const torch::Tensor& losses, double rate) {
  constexpr double kRounding = 1e-9;  // 0.6 * 5 is 3, though binary fractions may say a little less
  const auto kept = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::floor(rate * static_cast<double>(losses.size(0)) + kRounding)));
  const auto order = torch::argsort(losses.detach(), /*stable=*/true, /*dim=*/0, /*descending=*/false);
  return std::get<0>(order.narrow(0, 0, kept).sort());
}

double beta_draw(double a, double b, at::Generator& generator) {
  const auto draws = torch::_standard_gamma(torch::tensor({a, b}, torch::kFloat64), generator);
  return (draws[0] / draws.sum()).item<double>();
}

at::Generator generator(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

torch::Tensor permutation(std::int64_t n, at::Generator& generator) {
  return torch::randperm(n, generator, torch::TensorOptions().dtype(torch::kInt64));
}

}  // namespace assay::learn
