#include "store/connection.hpp"

#include <sqlite3.h>
#include <unistd.h>
#include <zlib.h>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "store/sql.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr int kBusyMilliseconds = 30'000;

void check_file(const fs::path& path, Store::Mode mode) {
  std::error_code failed;
  const bool exists = fs::exists(path, failed);
  if (!exists && mode == Store::Mode::kRead) {
    throw StoreError(
        {"no store", path.string(), "a results.db", "nothing", "make one with bench run, or name it with --db"});
  }
  if (fs::is_directory(path, failed)) {
    throw StoreError({"not a store", path.string(), "an SQLite file", "a folder", "name the file with --db"});
  }
}

// A store in WAL mode on a read-only medium can only be read as immutable: nobody can be writing to it there.
std::string address(const fs::path& path, Store::Mode mode) {
  const auto folder = fs::absolute(path).parent_path();
  const bool immutable = mode == Store::Mode::kRead && access(folder.c_str(), W_OK) != 0;
  if (!immutable) return path.string();
  std::string escaped;
  for (const char c : fs::absolute(path).string()) {
    escaped += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
  }
  return "file:" + escaped + "?immutable=1";
}

int flags(Store::Mode mode) {
  return SQLite::OPEN_URI |
         (mode == Store::Mode::kRead ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
}

const char* const kMigrations[] = {queries::v1};  // kMigrations[i] brings version i to i + 1

int version_of(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

void check_version(const std::string& file, int version) {
  if (version <= Store::kVersion) return;
  throw StoreError({"store from a newer Assay", file, "version " + std::to_string(Store::kVersion) + " or older",
                    "version " + std::to_string(version), "update Assay, or name another store with --db"});
}

void migrate(const std::string& file, SQLite::Database& database) {
  if (version_of(database) == Store::kVersion) return;
  database.exec("BEGIN IMMEDIATE");  // two processes may find the same old store: the second waits and finds it new
  SQLite::Statement tables(database, "SELECT count(*) FROM sqlite_schema");
  tables.executeStep();
  const int version = version_of(database);
  if (version == 0 && tables.getColumn(0).getInt() > 0) {
    tables.reset();
    database.exec("ROLLBACK");
    throw StoreError(
        {"not a store of Assay", file, "a results.db", "another SQLite file", "name another file with --db"});
  }
  tables.reset();
  for (int next = version; next < Store::kVersion; ++next) database.exec(kMigrations[next]);
  database.exec("PRAGMA user_version = " + std::to_string(Store::kVersion));
  database.exec("COMMIT");
}

}  // namespace

Store::Connection::Connection(const fs::path& path, Mode mode)
    : file(path.string()), database([&] {
        check_file(path, mode);
        return guarded(file, [&] { return SQLite::Database(address(path, mode), flags(mode), kBusyMilliseconds); });
      }()) {
  guarded(file, [&] {
    check_version(file, version_of(database));
    if (mode == Mode::kRead) {
      if (version_of(database) != kVersion) {
        throw StoreError({"store from an older Assay", file, "version " + std::to_string(kVersion),
                          "version " + std::to_string(version_of(database)),
                          "bring it up to date with bench run --dry-run"});
      }
      return;
    }
    if (sqlite3_db_readonly(database.getHandle(), "main") == 1) {
      throw StoreError({"store is read-only", file, "a file that can be written", "no permission to write",
                        "chmod u+w it, or name another with --db"});
    }
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");  // a killed process loses nothing; only a power cut the last commits
    database.exec("PRAGMA foreign_keys = ON");
    migrate(file, database);
  });
}

SQLite::Statement& Store::Connection::prepared(const char* sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) found = statements_.try_emplace(sql, database, sql).first;
  found->second.reset();
  found->second.clearBindings();
  return found->second;
}

void throw_store_error(const std::string& file, const SQLite::Exception& error) {
  const std::string found = error.what();
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw StoreError({"store is locked by another program", file, "", found, "wait for it to end, then repeat"});
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      throw StoreError({"store is damaged", file, "an SQLite file", found,
                        "move it away and restore it, for example: git checkout -- results.db"});
    case SQLITE_FULL:
      throw StoreError({"disk is full", file, "", found, "free some space and repeat: finished runs are kept"});
    case SQLITE_READONLY:
      throw StoreError({"store is read-only", file, "", found, "chmod u+w it, or name another with --db"});
    case SQLITE_CANTOPEN:
      throw StoreError({"cannot open store", file, "", found, "check the folder and its permissions"});
    case SQLITE_IOERR:
      throw StoreError({"cannot read or write store", file, "", found, "check disk space and permissions"});
    default:
      throw StoreError({"store failed", file, "", found, "run bench doctor"});
  }
}

std::string compressed(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string body(size, '\0');
  compress2(reinterpret_cast<Bytef*>(body.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
            9);
  body.resize(size);
  const std::uint64_t length = bytes.size();  // the plain size goes first: decompression needs it
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + body;
}

std::string decompressed(const std::string& body, const std::string& file) {
  std::uint64_t length = 0;
  const auto damaged = [&] {
    return StoreError({"compressed value is damaged", file, "a zlib stream",
                       std::to_string(body.size()) + " other bytes", "run bench doctor"});
  };
  if (body.size() < sizeof length) throw damaged();
  body.copy(reinterpret_cast<char*>(&length), sizeof length);
  if (length > (std::uint64_t{1} << 32)) throw damaged();
  std::string bytes(length, '\0');
  uLongf size = length;
  const auto* source = reinterpret_cast<const Bytef*>(body.data()) + sizeof length;
  if (uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size, source, body.size() - sizeof length) != Z_OK ||
      size != length) {
    throw damaged();
  }
  return bytes;
}

std::string event_hash(const std::string& previous, std::int64_t at_ms, const std::string& kind,
                       const std::string& body) {
  return sha256(previous + "\n" + std::to_string(at_ms) + "\n" + kind + "\n" + body).substr(0, 32);
}

Store::Store(const fs::path& file, Mode mode) : connection_(std::make_unique<Connection>(file, mode)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;

}  // namespace assay
