// The SQLite store, results.db. One connection a process; several processes on one store are safe.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/records.hpp"

namespace assay {

class Store {
 public:
  enum class Mode { kRead, kWrite };

  // Opens, and with kWrite makes or migrates, the store. StoreError where it is absent (kRead), not a store, corrupt,
  // from a newer version of Assay, read-only (kWrite), or locked for longer than 30 seconds.
  Store(const std::filesystem::path& file, Mode mode);
  ~Store();
  Store(Store&&) noexcept;

  static constexpr int kVersion = 1;

  // --- running
  // ------------------------------------------------------------------------------------------------------------
  enum class State { kOk, kFailed };
  // The state of every run key that was executed in this environment: its best one ("ok" once, "ok" for ever).
  std::unordered_map<std::string, State> states(const std::string& environment) const;
  bool has_ok(const std::string& key, const std::string& environment) const;
  // Median seconds of ok executions: (task, setting, tier, label) -> seconds and peak memory, any environment.
  struct Cost {
    double seconds = 0;
    std::int64_t peak_memory_kb = 0;
  };
  std::unordered_map<std::string, Cost> costs() const;  // key "task/setting/tier/label"

  // Stores one execution in one transaction, with what it refers to, and an event. Unless `again`, does nothing and
  // answers false where an ok execution of the key exists in the environment: two processes cannot double a run.
  bool record(const Execution& execution, const Code& code, const Environment& environment, bool again);

  // --- pages
  // --------------------------------------------------------------------------------------------------------------
  std::vector<Result> results()
      const;  // every current execution, of all environments, by task, setting, tier, label, seed
  std::vector<Environment> environments() const;
  std::map<std::string, std::vector<double>> curves(std::int64_t execution) const;
  // All points of one named curve: execution -> values.
  std::unordered_map<std::int64_t, std::vector<float>> curves_named(const std::string& name) const;
  std::vector<Prediction> predictions(std::int64_t execution) const;
  Json exhibit(std::int64_t execution) const;  // null if none
  Json notes(std::int64_t execution) const;
  Json protocol(std::int64_t execution) const;
  std::string log_tail(std::int64_t execution) const;
  std::optional<Code> code(const std::string& id) const;
  std::optional<Picture> picture(const std::string& sha256) const;
  // All executions of a run key, superseded ones too, oldest first.
  std::vector<Result> executions(const std::string& key) const;
  std::vector<std::string> keys_starting_with(const std::string& prefix) const;
  std::string head() const;  // hash of the last event: changes whenever the store does; "" for an empty store
  // Recomputes the chain of events. Empty if sound, otherwise what is wrong with which row.
  std::string verify_events() const;
  std::string integrity() const;  // SQLite's own check: "ok" or what it found

  struct Connection;  // store/connection.hpp, for suite/store alone

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace assay
