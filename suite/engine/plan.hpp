// The matrix of cells that a request names, what the store already has of it, and what the rest will cost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "engine/build_info.hpp"
#include "store/store.hpp"

namespace assay {

struct Request {
  std::vector<std::string> tasks, methods, settings;  // globs; a method may carry "[param=value,...]"; empty = all
  std::string tier = "quick";
  std::vector<std::int64_t> seeds;        // empty = as declared
  std::string device = "auto";            // auto, cpu, cuda, cuda:N
  std::string isa = "avx2";               // avx2, native
  std::optional<double> time_limit_s;     // instead of the declared one
  std::optional<std::int64_t> memory_mb;  // instead of the declared one
};

enum class CellState { kCached, kFailed, kMissing, kUnavailable };

struct PlannedRun {
  Cell cell;
  std::string key, code, data;  // data: digest of the data set's checksums
  std::string provenance;       // of artefacts that the task computes: see learn/job.hpp
  CellState state = CellState::kMissing;
  std::string reason, remedy;  // of kUnavailable: why, and the command that mends it
  const Task* task = nullptr;
  const Setting* setting = nullptr;
  const Method* method = nullptr;
  double time_limit_s = 0;
  std::int64_t memory_mb = 0;
  double estimate_s = 0;         // from earlier executions; 0 = unknown
  std::int64_t estimate_kb = 0;  // peak memory
};

struct Plan {
  std::vector<PlannedRun> runs;
  Environment environment;
  std::string device, isa;
  std::size_t count(CellState state) const;
};

// UsageError for a pattern that matches nothing (with the nearest known name). `store` may be null: nothing is cached.
Plan make_plan(const Catalog& catalog, const BuildInfo& build, const Store* store, const Request& request);

// The job as the worker takes it (learn/job.hpp): made when the run is started, not for each planned cell.
Json job_of(const PlannedRun& run, const Catalog& catalog, const std::string& device);

}  // namespace assay
