// Private to suite/store: the open connection, and the translation of SQLite's errors into StoreError.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <map>
#include <string>

#include "store/store.hpp"

namespace assay {

struct Store::Connection {
  Connection(const std::filesystem::path& path, Mode mode);

  SQLite::Statement& prepared(const char* sql);  // compiled once, reset and unbound

  std::string file;
  SQLite::Database database;

 private:
  std::map<const char*, SQLite::Statement> statements_;  // keys are the addresses of the constants in sql.hpp
};

[[noreturn]] void throw_store_error(const std::string& file, const SQLite::Exception& error);

// Runs `work` and turns what SQLite throws into a StoreError that names the file.
template <typename Work>
auto guarded(const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    throw_store_error(file, error);
  }
}

// zlib; bodies of predictions and exhibits.
std::string compressed(const std::string& bytes);
std::string decompressed(const std::string& body, const std::string& file);

// The hash that chains an event to the one before.
std::string event_hash(const std::string& previous, std::int64_t at_ms, const std::string& kind,
                       const std::string& body);

}  // namespace assay
