// Named random streams. A run's seed and a name ("split", "corruption", "init", "order", "augment", "method") give one
// generator; parts of a name give sub-streams. Own conversions, since std:: distributions and std::shuffle differ
// between standard libraries: the same seed gives the same draws on any platform.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class Stream {  // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)
 public:
  explicit Stream(std::uint64_t state) : state_(state) {}

  std::uint64_t bits();
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }  // [0, 1)
  std::uint64_t below(std::uint64_t n);                                     // 0..n-1 by rejection; n >= 1
  double normal();                                                          // Box-Muller: cosine value, then sine value
  std::vector<std::int64_t> permutation(std::int64_t n);                    // Fisher-Yates from the end
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

// All streams of one run. Asking for a name twice gives two generators in the same state.
class Streams {
 public:
  explicit Streams(std::int64_t seed) : seed_(seed) {}
  Stream stream(std::string_view name) const { return Stream(seed_of(name)); }  // "corruption", "corruption/idn/q"
  std::uint64_t seed_of(std::string_view name) const;  // first 64 bits of SHA-256("assay-stream|seed|name")
  std::int64_t seed() const { return seed_; }

  // Sub-stream k of "init", "order", "augment" or "method": those that methods draw from. std::logic_error for another
  // name, whose stream belongs to a protocol.
  Stream of_method(const std::string& name, std::int64_t k) const;

 private:
  std::int64_t seed_;
};

}  // namespace assay
