// Writing: one transaction for each finished execution.
#include <chrono>
#include <cstring>

#include "store/connection.hpp"
#include "store/sql.hpp"

namespace assay {

namespace {

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

template <typename... Values>
void run(SQLite::Statement& statement, const Values&... values) {
  SQLite::bind(statement, values...);
  statement.exec();
}

template <typename... Values>
std::int64_t id_of(SQLite::Statement& statement, const Values&... values) {
  SQLite::bind(statement, values...);
  statement.executeStep();
  const auto id = statement.getColumn(0).getInt64();
  statement.reset();
  return id;
}

std::string packed(const std::vector<double>& points) {
  std::string bytes(points.size() * sizeof(float), '\0');
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto point = static_cast<float>(points[i]);
    std::memcpy(bytes.data() + i * sizeof point, &point, sizeof point);
  }
  return bytes;
}

void bind_blob(SQLite::Statement& statement, int index, const std::string& bytes) {
  statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

class Writer {
 public:
  Writer(Store::Connection& connection) : connection_(connection) {}

  void environment(const Environment& environment) {
    run(sql("INSERT OR IGNORE INTO environment (id, body) VALUES (?, ?)"), environment.id, environment.body.dump());
  }

  void code(const Code& code) {
    auto& insert = sql("INSERT OR IGNORE INTO code (id, revision, dirty) VALUES (?, ?, ?)");
    SQLite::bind(insert, code.id, code.revision, code.dirty ? 1 : 0);
    if (insert.exec() == 0) return;  // known, with its sources
    for (const auto& source : code.sources) {
      run(sql("INSERT OR IGNORE INTO source (path, sha256) VALUES (?, ?)"), source.path, source.sha256);
      run(sql("INSERT INTO code_source (code, source) SELECT ?, id FROM source WHERE path = ? AND sha256 = ?"), code.id,
          source.path, source.sha256);
    }
  }

  std::int64_t cell(const Cell& cell) {
    const auto body = cell.protocol.dump();
    run(sql("INSERT OR IGNORE INTO protocol (body) VALUES (?)"), body);
    const auto protocol = id_of(sql("SELECT id FROM protocol WHERE body = ?"), body);
    const auto parameters = cell.parameters.dump();
    run(sql("INSERT OR IGNORE INTO cell (task, setting, tier, method, label, seed, parameters, protocol) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
        cell.task, cell.setting, cell.tier, cell.method, cell.label, cell.seed, parameters, protocol);
    return id_of(sql("SELECT id FROM cell WHERE task = ? AND setting = ? AND tier = ? AND label = ? AND seed = ? "
                     "AND parameters = ? AND protocol = ?"),
                 cell.task, cell.setting, cell.tier, cell.label, cell.seed, parameters, protocol);
  }

  std::int64_t execution(const Execution& execution) {
    run(sql("INSERT OR IGNORE INTO run (key, cell, code, data) VALUES (?, ?, ?, ?)"), execution.key,
        cell(execution.cell), execution.code, execution.data);
    run(sql("INSERT INTO execution (run, environment, failure, message, log_tail, digest, started_ms, seconds, "
            "cpu_seconds, "
            "peak_memory_kb, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        execution.key, execution.environment, execution.failure, execution.message, execution.log_tail,
        execution.digest, execution.started_ms, execution.seconds, execution.cpu_seconds, execution.peak_memory_kb,
        execution.notes.dump());
    return connection_.database.getLastInsertRowid();
  }

  void values(std::int64_t id, const Execution& execution) {
    for (const auto& [name, value] : execution.metrics) {
      run(sql("INSERT INTO metric (execution, name, value) VALUES (?, ?, ?)"), id, name_id(name), value);
    }
    for (const auto& [name, points] : execution.curves) {
      auto& insert = sql("INSERT INTO curve (execution, name, points) VALUES (?, ?, ?)");
      insert.bind(1, id);
      insert.bind(2, name_id(name));
      bind_blob(insert, 3, packed(points));
      insert.exec();
    }
  }

  void predictions(std::int64_t id, const Execution& execution) {
    for (const auto& prediction : execution.predictions) {
      auto& insert = sql("INSERT INTO prediction (execution, name, dtype, shape, body) VALUES (?, ?, ?, ?, ?)");
      insert.bind(1, id);
      insert.bind(2, prediction.name);
      insert.bind(3, prediction.dtype);
      insert.bind(4, Json(prediction.shape).dump());
      bind_blob(insert, 5, compressed(prediction.bytes));
      insert.exec();
    }
  }

  void exhibit(std::int64_t id, const Execution& execution) {
    for (const auto& picture : execution.pictures) {
      auto& insert = sql("INSERT OR IGNORE INTO picture (sha256, media_type, body) VALUES (?, ?, ?)");
      insert.bind(1, picture.sha256);
      insert.bind(2, picture.media_type);
      bind_blob(insert, 3, picture.bytes);
      insert.exec();
    }
    if (execution.exhibit.is_null()) return;
    auto& insert = sql("INSERT INTO exhibit (execution, body) VALUES (?, ?)");
    insert.bind(1, id);
    bind_blob(insert, 2, compressed(execution.exhibit.dump()));
    insert.exec();
  }

  void event(const std::string& kind, const Json& body) {
    auto& last = sql("SELECT hash FROM event ORDER BY id DESC LIMIT 1");
    const std::string previous = last.executeStep() ? last.getColumn(0).getString() : "";
    last.reset();
    const auto at = now_ms();
    const auto text = body.dump();
    run(sql("INSERT INTO event (at_ms, kind, body, hash) VALUES (?, ?, ?, ?)"), at, kind, text,
        event_hash(previous, at, kind, text));
  }

 private:
  SQLite::Statement& sql(const char* text) { return connection_.prepared(text); }

  std::int64_t name_id(const std::string& name) {
    run(sql("INSERT OR IGNORE INTO metric_name (name) VALUES (?)"), name);
    return id_of(sql("SELECT id FROM metric_name WHERE name = ?"), name);
  }

  Store::Connection& connection_;
};

}  // namespace

bool Store::record(const Execution& execution, const Code& code, const Environment& environment, bool again) {
  return guarded(connection_->file, [&] {
    SQLite::Transaction transaction(connection_->database, SQLite::TransactionBehavior::IMMEDIATE);
    if (!again && has_ok(execution.key, environment.id)) return false;
    Writer writer(*connection_);
    writer.environment(environment);
    writer.code(code);
    const auto id = writer.execution(execution);
    writer.values(id, execution);
    writer.predictions(id, execution);
    writer.exhibit(id, execution);
    writer.event("execution", {{"execution", id},
                               {"run", execution.key.substr(0, 16)},
                               {"failure", execution.failure},
                               {"digest", execution.digest.substr(0, 32)}});
    transaction.commit();
    return true;
  });
}

}  // namespace assay
