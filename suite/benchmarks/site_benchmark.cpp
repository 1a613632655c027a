// The whole site of 10,000 executions: 20 settings x 50 methods x 10 seeds, without predictions. Arguments of google
// benchmark; the store is made once, in a temporary folder.
#include <benchmark/benchmark.h>

#include <memory>

#include "report/site.hpp"
#include "report/tests/synthetic.hpp"

namespace {

using namespace assay;

const auto kSource = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();

struct Large {
  synthetic::TemporaryFolder root;
  synthetic::Size size{20, 48, 10, 20, false, false};
  Catalog catalog = synthetic::make_checkout(root.path(), size, kSource);
  Store store{root.path() / "results.db", Store::Mode::kWrite};
  Large() { synthetic::fill(store, size); }
  std::filesystem::path site() const { return root.path() / "site"; }
};

Large& large() {
  static Large only;
  return only;
}

void counters(benchmark::State& state, const SiteSummary& summary) {
  state.counters["pages"] = static_cast<double>(summary.pages);
  state.counters["written"] = static_cast<double>(summary.written);
}

// Into an empty folder: every page is rendered and written.
void cold(benchmark::State& state) {
  SiteSummary summary;
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(large().site());
    state.ResumeTiming();
    summary = write_site(large().catalog, large().store, large().site());
  }
  counters(state, summary);
}
BENCHMARK(cold)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

// Templates or program changed: every page is rendered, its bytes are there already.
void rendered_again(benchmark::State& state) {
  SiteSummary summary;
  write_site(large().catalog, large().store, large().site());
  for (auto _ : state) {
    std::filesystem::remove(large().site() / ".stamps");
    summary = write_site(large().catalog, large().store, large().site());
  }
  counters(state, summary);
}
BENCHMARK(rendered_again)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

// One new run: its page, its setting, and all pages of its task.
void one_new_run(benchmark::State& state) {
  SiteSummary summary;
  write_site(large().catalog, large().store, large().site());
  std::int64_t seed = 100;
  const auto environment = synthetic::environment("AMD EPYC 7B13");
  for (auto _ : state) {
    state.PauseTiming();
    const auto run = synthetic::execution_of(large().size, "gce", 80, 0, seed++, "quick", environment);
    large().store.record(run, synthetic::code_of("gce"), environment, false);
    state.ResumeTiming();
    summary = write_site(large().catalog, large().store, large().site());
  }
  counters(state, summary);
}
BENCHMARK(one_new_run)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

void nothing_new(benchmark::State& state) {
  SiteSummary summary;
  write_site(large().catalog, large().store, large().site());
  for (auto _ : state) summary = write_site(large().catalog, large().store, large().site());
  counters(state, summary);
}
BENCHMARK(nothing_new)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

}  // namespace
