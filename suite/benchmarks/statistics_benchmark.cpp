// What the tests behind one leaderboard cost: 50 methods, 10 seeds.
#include <benchmark/benchmark.h>

#include "core/statistics.hpp"
#include "core/streams.hpp"

namespace {

using namespace assay;

constexpr std::size_t kMethods = 50, kSeeds = 10;

std::vector<std::vector<double>> scores() {
  Stream stream(1);
  std::vector<std::vector<double>> values(kMethods, std::vector<double>(kSeeds));
  for (std::size_t method = 0; method < kMethods; ++method) {
    for (auto& value : values[method]) value = 70 + static_cast<double>(method) / 5 + stream.normal();
  }
  return values;
}

void all_pairs_of_a_board(benchmark::State& state) {
  const auto values = scores();
  for (auto _ : state) {
    std::vector<PairedDifference> pairs;
    for (std::size_t a = 0; a < kMethods; ++a) {
      for (std::size_t b = a + 1; b < kMethods; ++b) {
        std::vector<double> seeds;
        for (std::size_t s = 0; s < kSeeds; ++s) seeds.push_back(values[a][s] - values[b][s]);
        pairs.push_back(paired_difference(seeds));
      }
    }
    const auto prior = fit_variance_prior(pairs, (kMethods - 1) * (kSeeds - 1));
    std::vector<double> p;
    for (const auto& pair : pairs) p.push_back(compare(pair, prior).p);
    benchmark::DoNotOptimize(holm(p));
  }
}
BENCHMARK(all_pairs_of_a_board)->Unit(benchmark::kMillisecond);

void interquartile_mean_over_20_settings(benchmark::State& state) {
  auto values = scores();
  values.resize(20);
  for (auto _ : state) benchmark::DoNotOptimize(stratified_iqm(values, 7, 1000));
}
BENCHMARK(interquartile_mean_over_20_settings)->Unit(benchmark::kMillisecond);

}  // namespace
