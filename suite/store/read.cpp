// Reading: what the planner and the pages ask for.
#include <algorithm>
#include <cstring>

#include "core/hash.hpp"
#include "store/connection.hpp"
#include "store/sql.hpp"

namespace assay {

namespace {

std::string text(SQLite::Statement& row, int column) { return row.getColumn(column).getString(); }

std::string blob(SQLite::Statement& row, int index) {
  const auto column = row.getColumn(index);
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

Result result_of(SQLite::Statement& row) {
  Result result;
  result.id = row.getColumn(0).getInt64();
  result.key = text(row, 1);
  result.task = text(row, 2);
  result.setting = text(row, 3);
  result.tier = text(row, 4);
  result.method = text(row, 5);
  result.label = text(row, 6);
  result.parameters = text(row, 7);
  result.seed = row.getColumn(8).getInt64();
  result.environment = text(row, 9);
  result.code = text(row, 10);
  result.failure = text(row, 11);
  result.message = text(row, 12);
  result.digest = text(row, 13);
  result.started_ms = row.getColumn(14).getInt64();
  result.peak_memory_kb = row.getColumn(15).getInt64();
  result.seconds = row.getColumn(16).getDouble();
  result.cpu_seconds = row.getColumn(17).getDouble();
  return result;
}

// Rows of (execution, name, value) in the order of executions are handed to the results they belong to.
void attach_metrics(SQLite::Statement& rows, std::vector<Result>& results) {
  std::unordered_map<std::int64_t, Result*> by_id;
  for (auto& result : results) by_id[result.id] = &result;
  while (rows.executeStep()) {
    const auto found = by_id.find(rows.getColumn(0).getInt64());
    if (found != by_id.end()) found->second->metrics.emplace_back(text(rows, 1), rows.getColumn(2).getDouble());
  }
  rows.reset();
}

template <typename Float>
std::vector<Float> points_of(const std::string& bytes) {
  std::vector<Float> points(bytes.size() / sizeof(float));
  for (std::size_t i = 0; i < points.size(); ++i) {
    float point = 0;
    std::memcpy(&point, bytes.data() + i * sizeof point, sizeof point);
    points[i] = point;
  }
  return points;
}

}  // namespace

std::unordered_map<std::string, Store::State> Store::states(const std::string& environment) const {
  return guarded(connection_->file, [&] {
    auto& rows = connection_->prepared(queries::states);
    rows.bind(1, environment);
    std::unordered_map<std::string, State> states;
    while (rows.executeStep()) states[text(rows, 0)] = rows.getColumn(1).getInt() ? State::kOk : State::kFailed;
    rows.reset();
    return states;
  });
}

bool Store::has_ok(const std::string& key, const std::string& environment) const {
  return guarded(connection_->file, [&] {
    auto& row =
        connection_->prepared("SELECT 1 FROM execution WHERE run = ? AND environment = ? AND failure = '' LIMIT 1");
    SQLite::bind(row, key, environment);
    const bool found = row.executeStep();
    row.reset();
    return found;
  });
}

std::unordered_map<std::string, Store::Cost> Store::costs() const {
  return guarded(connection_->file, [&] {
    std::unordered_map<std::string, std::vector<Cost>> all;
    auto& rows = connection_->prepared(queries::costs);
    while (rows.executeStep()) {
      const auto key = text(rows, 0) + "/" + text(rows, 1) + "/" + text(rows, 2) + "/" + text(rows, 3);
      all[key].push_back({rows.getColumn(4).getDouble(), rows.getColumn(5).getInt64()});
    }
    rows.reset();
    std::unordered_map<std::string, Cost> medians;
    for (auto& [key, costs] : all) {
      const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
      std::nth_element(costs.begin(), middle, costs.end(),
                       [](const Cost& a, const Cost& b) { return a.seconds < b.seconds; });
      medians[key] = *middle;
    }
    return medians;
  });
}

std::vector<Result> Store::results() const {
  return guarded(connection_->file, [&] {
    std::vector<Result> results;
    auto& rows = connection_->prepared(queries::results);
    while (rows.executeStep()) results.push_back(result_of(rows));
    rows.reset();
    attach_metrics(connection_->prepared(queries::all_metrics), results);
    return results;
  });
}

std::vector<Result> Store::executions(const std::string& key) const {
  return guarded(connection_->file, [&] {
    std::vector<Result> results;
    auto& rows = connection_->prepared(queries::executions_of_run);
    rows.bind(1, key);
    while (rows.executeStep()) results.push_back(result_of(rows));
    rows.reset();
    auto& metrics = connection_->prepared(queries::metrics_of_run);
    metrics.bind(1, key);
    attach_metrics(metrics, results);
    return results;
  });
}

std::vector<Environment> Store::environments() const {
  return guarded(connection_->file, [&] {
    std::vector<Environment> environments;
    auto& rows = connection_->prepared("SELECT id, body FROM environment ORDER BY id");
    while (rows.executeStep()) environments.push_back({text(rows, 0), Json::parse(text(rows, 1))});
    rows.reset();
    return environments;
  });
}

std::map<std::string, std::vector<double>> Store::curves(std::int64_t execution) const {
  return guarded(connection_->file, [&] {
    std::map<std::string, std::vector<double>> curves;
    auto& rows = connection_->prepared(
        "SELECT metric_name.name, curve.points FROM curve JOIN metric_name ON metric_name.id = curve.name WHERE "
        "execution = ?");
    rows.bind(1, execution);
    while (rows.executeStep()) curves[text(rows, 0)] = points_of<double>(blob(rows, 1));
    rows.reset();
    return curves;
  });
}

std::unordered_map<std::int64_t, std::vector<float>> Store::curves_named(const std::string& name) const {
  return guarded(connection_->file, [&] {
    std::unordered_map<std::int64_t, std::vector<float>> curves;
    auto& rows = connection_->prepared(
        "SELECT curve.execution, curve.points FROM curve JOIN metric_name ON metric_name.id = curve.name "
        "WHERE metric_name.name = ?");
    rows.bind(1, name);
    while (rows.executeStep()) curves[rows.getColumn(0).getInt64()] = points_of<float>(blob(rows, 1));
    rows.reset();
    return curves;
  });
}

std::vector<Prediction> Store::predictions(std::int64_t execution) const {
  return guarded(connection_->file, [&] {
    std::vector<Prediction> predictions;
    auto& rows =
        connection_->prepared("SELECT name, dtype, shape, body FROM prediction WHERE execution = ? ORDER BY name");
    rows.bind(1, execution);
    while (rows.executeStep()) {
      predictions.push_back({text(rows, 0), text(rows, 1), Json::parse(text(rows, 2)).get<std::vector<std::int64_t>>(),
                             decompressed(blob(rows, 3), connection_->file)});
    }
    rows.reset();
    return predictions;
  });
}

Json Store::exhibit(std::int64_t execution) const {
  return guarded(connection_->file, [&]() -> Json {
    auto& row = connection_->prepared("SELECT body FROM exhibit WHERE execution = ?");
    row.bind(1, execution);
    if (!row.executeStep()) return nullptr;
    const auto body = blob(row, 0);
    row.reset();
    return Json::parse(decompressed(body, connection_->file));
  });
}

namespace {

// One text of one execution, "" where there is no such row.
std::string text_of(SQLite::Statement& row, std::int64_t execution) {
  row.bind(1, execution);
  const std::string found = row.executeStep() ? text(row, 0) : "";
  row.reset();
  return found;
}

Json json_of(const std::string& body) { return body.empty() ? Json(nullptr) : Json::parse(body); }

}  // namespace

Json Store::notes(std::int64_t execution) const {
  return guarded(connection_->file, [&] {
    return json_of(text_of(connection_->prepared("SELECT notes FROM execution WHERE id = ?"), execution));
  });
}

Json Store::protocol(std::int64_t execution) const {
  return guarded(connection_->file, [&] {
    return json_of(
        text_of(connection_->prepared("SELECT protocol.body FROM execution JOIN run ON run.key = execution.run "
                                      "JOIN cell ON cell.id = run.cell JOIN protocol ON protocol.id = cell.protocol "
                                      "WHERE execution.id = ?"),
                execution));
  });
}

std::string Store::log_tail(std::int64_t execution) const {
  return guarded(connection_->file, [&] {
    return text_of(connection_->prepared("SELECT log_tail FROM execution WHERE id = ?"), execution);
  });
}

std::optional<Code> Store::code(const std::string& id) const {
  return guarded(connection_->file, [&]() -> std::optional<Code> {
    auto& row = connection_->prepared("SELECT revision, dirty FROM code WHERE id = ?");
    row.bind(1, id);
    if (!row.executeStep()) return std::nullopt;
    Code code{id, text(row, 0), row.getColumn(1).getInt() != 0, {}};
    row.reset();
    auto& sources = connection_->prepared(queries::sources_of_code);
    sources.bind(1, id);
    while (sources.executeStep()) code.sources.push_back({text(sources, 0), text(sources, 1)});
    sources.reset();
    return code;
  });
}

std::optional<Picture> Store::picture(const std::string& sha256) const {
  return guarded(connection_->file, [&]() -> std::optional<Picture> {
    auto& row = connection_->prepared("SELECT media_type, body FROM picture WHERE sha256 = ?");
    row.bind(1, sha256);
    if (!row.executeStep()) return std::nullopt;
    Picture picture{sha256, text(row, 0), blob(row, 1)};
    row.reset();
    return picture;
  });
}

std::vector<std::string> Store::keys_starting_with(const std::string& prefix) const {
  return guarded(connection_->file, [&] {
    std::vector<std::string> keys;
    auto& rows = connection_->prepared("SELECT key FROM run WHERE key >= ?1 AND key < ?1 || 'g' ORDER BY key");
    rows.bind(1, prefix);
    while (rows.executeStep()) keys.push_back(text(rows, 0));
    rows.reset();
    return keys;
  });
}

std::string Store::head() const {
  return guarded(connection_->file, [&] {
    auto& row = connection_->prepared("SELECT hash FROM event ORDER BY id DESC LIMIT 1");
    const std::string hash = row.executeStep() ? text(row, 0) : "";
    row.reset();
    return hash;
  });
}

std::string Store::verify_events() const {
  return guarded(connection_->file, [&]() -> std::string {
    auto& rows = connection_->prepared("SELECT id, at_ms, kind, body, hash FROM event ORDER BY id");
    std::string previous, fault;
    while (fault.empty() && rows.executeStep()) {
      const auto expected = event_hash(previous, rows.getColumn(1).getInt64(), text(rows, 2), text(rows, 3));
      previous = text(rows, 4);
      if (previous != expected) {
        fault = "event " + text(rows, 0) + ": expected hash " + expected + ", found " + previous;
      }
    }
    rows.reset();
    return fault;
  });
}

std::string Store::integrity() const {
  return guarded(connection_->file,
                 [&] { return connection_->database.execAndGet("PRAGMA integrity_check(1)").getString(); });
}

}  // namespace assay
