// Strict reading of JSON: typed, complete, and with errors that say file, JSON pointer, expected, found, nearest known
// key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay {

using Json = nlohmann::json;

// The document of a file. DeclarationError for broken JSON (with line and column) and for a key given twice.
Json parse_json(const std::string& text, const std::string& file);
Json read_json(const std::filesystem::path& file, const std::string& shown_as);

// One object being read. Each accessor takes a key, checks its type, and remembers that the key is known; `done`
// refuses keys that nobody asked for. Accessors named `maybe_` return nothing where the key is absent; null counts as a
// wrong type.
class StrictObject {
 public:
  StrictObject(const Json& value, std::string file, std::string pointer);

  std::string text(const std::string& key);  // not empty
  double real(const std::string& key);
  std::int64_t integer(const std::string& key);
  std::vector<std::string> texts(const std::string& key);
  StrictObject object(const std::string& key);
  std::vector<StrictObject> objects(const std::string& key);
  std::string choice(const std::string& key, const std::vector<std::string>& allowed);
  const Json& any(const std::string& key);         // any JSON value
  const Json& any_object(const std::string& key);  // an object whose keys somebody else checks

  std::optional<std::string> maybe_text(const std::string& key);
  std::optional<double> maybe_real(const std::string& key);
  std::optional<std::int64_t> maybe_integer(const std::string& key);
  std::vector<std::string> maybe_texts(const std::string& key);
  std::optional<StrictObject> maybe_object(const std::string& key);
  std::vector<StrictObject> maybe_objects(const std::string& key);
  std::optional<Json> maybe_any(const std::string& key);
  bool flag_or(const std::string& key, bool fallback);

  bool has(const std::string& key);
  std::vector<std::string> keys() const;  // of the object, for maps whose keys are names
  void done() const;                      // DeclarationError at the first key that was never asked for

  std::string where(const std::string& key = "") const;  // "file:/pointer/key"
  [[noreturn]] void wrong(const std::string& key, const std::string& expected, const std::string& found) const;

 private:
  const Json* find(const std::string& key);
  const Json& need(const std::string& key, const char* expected);

  const Json* value_;
  std::string file_, pointer_;
  std::vector<std::string> asked_;
};

}  // namespace assay
