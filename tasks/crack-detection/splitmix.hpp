// The random numbers of the generator: section 2.1 of the specification. Not the suite's Stream, whose conversions differ:
// it keeps Box and Muller's second value, and draws integers by rejection.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>

namespace assay::cracks {

class SplitMix {  // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)
 public:
  explicit SplitMix(std::uint64_t state) : state_(state) {}

  // The stream of `seed` that the keys name.
  static SplitMix derive(std::uint64_t seed, std::initializer_list<std::uint64_t> keys) {
    SplitMix random(seed);
    for (const auto key : keys) {
      random = SplitMix(random.next() ^ (key * 0xD1342543DE82EF95U + 0x2545F4914F6CDD1DU));
    }
    return random;
  }

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
  }

  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(static_cast<double>(n) * uniform()); }

  double normal(double mean, double deviation) {
    const double u1 = uniform(), u2 = uniform();
    return mean + deviation * std::sqrt(-2 * std::log(1 - u1)) * std::cos(2 * std::numbers::pi * u2);
  }

 private:
  std::uint64_t state_;
};

}  // namespace assay::cracks
