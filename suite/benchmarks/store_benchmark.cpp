// Inserting executions, each in its own transaction, and the size of a run without curves and predictions.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "core/hash.hpp"
#include "store/store.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "assay-benchmark-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

// As large as one of the noisy-labels task: fourteen metrics, a protocol, four parameters.
Execution typical(std::int64_t number, bool bulky) {
  Execution execution;
  execution.key = sha256(std::to_string(number));
  execution.cell = {
      "noisy-labels",
      "symmetric-40",
      "quick",
      "method",
      "method",
      number,
      {{"alpha", 0.5}, {"beta", 0.7}, {"gamma", 3}, {"delta", true}},
      {{"setting", {{"kind", "symmetric"}, {"rate", 0.4}}}, {"budget", {{"epochs", 12}, {"train", 3000}}}}};
  execution.code = "code";
  execution.environment = "environment";
  execution.data = sha256("data");
  execution.digest = sha256("digest" + std::to_string(number));
  execution.notes = {{"realised_rate", 0.4}};
  for (int i = 0; i < 14; ++i) execution.metrics["metric_" + std::to_string(i)] = 0.1 * i + static_cast<double>(number);
  if (bulky) {
    for (int i = 0; i < 5; ++i) execution.curves["curve_" + std::to_string(i)].assign(12, 50.0);
    execution.predictions = {{"test", "u8", {2000}, std::string(2000, '\1')}};
  }
  return execution;
}

const Code kCode{"code", "", false, {}};
const Environment kEnvironment{"environment", Json::object()};

void BM_InsertExecution(benchmark::State& state) {
  const Folder folder;
  Store store(folder.path / "results.db", Store::Mode::kWrite);
  std::int64_t number = 0;
  for (auto _ : state) store.record(typical(number++, state.range(0) != 0), kCode, kEnvironment, false);
}
BENCHMARK(BM_InsertExecution)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_BytesPerRun(benchmark::State& state) {
  constexpr int kRuns = 2000;
  for (auto _ : state) {
    const Folder folder;
    const auto file = folder.path / "results.db";
    {
      Store store(file, Store::Mode::kWrite);
      for (int i = 0; i < kRuns; ++i) store.record(typical(i, false), kCode, kEnvironment, false);
    }
    state.counters["bytes_per_run"] = static_cast<double>(fs::file_size(file)) / kRuns;
  }
}
BENCHMARK(BM_BytesPerRun)->Iterations(1)->Unit(benchmark::kMillisecond);

void BM_ReadResults10000(benchmark::State& state) {
  const Folder folder;
  Store store(folder.path / "results.db", Store::Mode::kWrite);
  for (int i = 0; i < 10'000; ++i) store.record(typical(i, false), kCode, kEnvironment, false);
  for (auto _ : state) benchmark::DoNotOptimize(store.results());
}
BENCHMARK(BM_ReadResults10000)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace assay
