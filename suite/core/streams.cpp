#include "core/streams.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "core/hash.hpp"

namespace assay {

std::uint64_t Stream::bits() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t Stream::below(std::uint64_t n) {
  const std::uint64_t reject_from =
      ~std::uint64_t{0} - (~std::uint64_t{0} % n + 1) % n;  // largest multiple of n, less one
  std::uint64_t x = bits();
  while (x > reject_from) x = bits();
  return x % n;
}

double Stream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::vector<std::int64_t> Stream::permutation(std::int64_t n) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  shuffle(order);
  return order;
}

std::uint64_t Streams::seed_of(std::string_view name) const {
  const auto digest = sha256("assay-stream|" + std::to_string(seed_) + "|" + std::string(name));
  return std::stoull(digest.substr(0, 16), nullptr, 16);
}

Stream Streams::of_method(const std::string& name, std::int64_t k) const {
  for (const auto* own : {"init", "order", "augment", "method"}) {
    if (name == own) return stream(name + "/" + std::to_string(k));
  }
  throw std::logic_error("the stream " + name + " belongs to the protocol");
}

}  // namespace assay
