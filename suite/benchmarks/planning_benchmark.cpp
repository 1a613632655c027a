// Key hashing and the planning of 10,000 cells, with and without a store that holds them all.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "engine/plan.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

// A catalog of `settings` settings and `methods` methods of four parameters, ten seeds: as cells of a real matrix are.
struct Matrix {
  Matrix(int settings, int methods) {
    std::string pattern = (fs::temp_directory_path() / "assay-benchmark-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    setenv("ASSAY_CACHE", (folder / "cache").c_str(), 1);
    setenv("ASSAY_DATA", folder.c_str(), 1);
    write_file(folder / "d/file", "data");
    DataSet dataset;
    dataset.id = "d";
    dataset.files = {{"file", sha256("data"), "", 4}};
    catalog.datasets = {dataset};
    Tier tier;
    for (int seed = 0; seed < 10; ++seed) tier.seeds.push_back(seed);
    tier.budget = {{"epochs", 12}, {"train", 3000}, {"test", 2000}, {"batch", 64}, {"lr", 0.05}};
    Task task;
    task.id = "t";
    for (int i = 0; i < settings; ++i) {
      Setting setting;
      setting.id = "setting-" + std::to_string(i);
      setting.dataset = "d";
      setting.parameters = {{"kind", "symmetric"}, {"rate", 0.01 * i}};
      setting.tiers["quick"] = tier;
      task.settings.push_back(setting);
    }
    for (int i = 0; i < methods; ++i) {
      Method method;
      method.id = "method-" + std::to_string(i);
      method.task = "t";
      method.device = "any";
      for (const auto* name : {"alpha", "beta", "gamma", "delta"}) {
        Parameter parameter;
        parameter.name = name;
        parameter.fallback = 0.5;
        method.parameters.push_back(parameter);
      }
      catalog.methods.push_back(method);
      build.methods.push_back({"t", method.id, "", sha256(method.id)});
    }
    catalog.tasks = {task};
  }
  ~Matrix() { fs::remove_all(folder); }

  fs::path folder;
  Catalog catalog;
  BuildInfo build;
};

void BM_HashKey(benchmark::State& state) {
  const std::string recipe(800, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sha256(recipe));
}
BENCHMARK(BM_HashKey);

void BM_Plan10000Cells(benchmark::State& state) {
  const Matrix matrix(20, 50);
  for (auto _ : state) benchmark::DoNotOptimize(make_plan(matrix.catalog, matrix.build, nullptr, {}));
}
BENCHMARK(BM_Plan10000Cells)->Unit(benchmark::kMillisecond);

void BM_Plan1000CellsCached(benchmark::State& state) {
  const Matrix matrix(2, 50);
  Store store(matrix.folder / "results.db", Store::Mode::kWrite);
  const auto plan = make_plan(matrix.catalog, matrix.build, nullptr, {});
  Execution execution;
  execution.environment = plan.environment.id;
  execution.code = "code";
  for (const auto& run : plan.runs) {
    execution.key = run.key, execution.cell = run.cell;
    store.record(execution, {"code", "", false, {}}, plan.environment, false);
  }
  for (auto _ : state) benchmark::DoNotOptimize(make_plan(matrix.catalog, matrix.build, &store, {}));
}
BENCHMARK(BM_Plan1000CellsCached)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace assay
