#include "core/strict_json.hpp"

#include <algorithm>
#include <set>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace assay {

namespace {

std::string line_and_column(const std::string& text, std::size_t byte) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  const auto line = 1 + std::count(text.begin(), end, '\n');
  const auto line_start = std::find(std::make_reverse_iterator(end), text.rend(), '\n').base();
  return "line " + std::to_string(line) + ", column " + std::to_string(std::max<std::ptrdiff_t>(1, end - line_start));
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return value.is_null() ? "null" : std::string(value.type_name()) + " " + text;
}

std::string escaped(const std::string& key) {  // RFC 6901
  std::string text;
  for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return text;
}

}  // namespace

Json parse_json(const std::string& text, const std::string& file) {
  std::vector<std::set<std::string>> open_objects;
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  try {
    Json document = Json::parse(text, watch);
    if (!twice.empty()) throw DeclarationError({"key given twice", file, "each key once", "\"" + twice + "\"", ""});
    return document;
  } catch (const Json::parse_error& error) {
    std::string found = error.what();
    if (const auto detail = found.find("syntax error"); detail != std::string::npos) found.erase(0, detail);
    throw DeclarationError({"broken JSON at " + line_and_column(text, error.byte), file, "", found, "mend the file"});
  }
}

Json read_json(const std::filesystem::path& file, const std::string& shown_as) {
  return parse_json(read_file(file), shown_as);
}

StrictObject::StrictObject(const Json& value, std::string file, std::string pointer)
    : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {
  if (!value.is_object()) throw DeclarationError({"wrong type", where(), "an object", shown(value), ""});
}

std::string StrictObject::where(const std::string& key) const {
  const auto pointer = key.empty() ? pointer_ : pointer_ + "/" + escaped(key);
  return file_ + ":" + (pointer.empty() ? "/" : pointer);
}

void StrictObject::wrong(const std::string& key, const std::string& expected, const std::string& found) const {
  throw DeclarationError({"wrong value", where(key), expected, found, ""});
}

const Json* StrictObject::find(const std::string& key) {
  asked_.push_back(key);
  const auto found = value_->find(key);
  return found == value_->end() ? nullptr : &*found;
}

const Json& StrictObject::need(const std::string& key, const char* expected) {
  const Json* found = find(key);
  if (found) return *found;
  const auto all = keys();
  const auto near = nearest(key, all);
  throw DeclarationError({"missing key \"" + key + "\"", where(), expected, "nothing",
                          near ? "is \"" + *near + "\" a misspelling of it?" : "add it"});
}

std::string StrictObject::text(const std::string& key) {
  const Json& value = need(key, "a text");
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) wrong(key, "a text", shown(value));
  return value.get<std::string>();
}

double StrictObject::real(const std::string& key) {
  const Json& value = need(key, "a number");
  if (!value.is_number()) wrong(key, "a number", shown(value));
  return value.get<double>();
}

std::int64_t StrictObject::integer(const std::string& key) {
  const Json& value = need(key, "an integer");
  if (!value.is_number_integer()) wrong(key, "an integer", shown(value));
  return value.get<std::int64_t>();
}

std::vector<std::string> StrictObject::texts(const std::string& key) {
  const Json& value = need(key, "a list of texts");
  if (!value.is_array()) wrong(key, "a list of texts", shown(value));
  std::vector<std::string> texts;
  for (const auto& item : value) {
    if (!item.is_string()) {
      const auto place = where(key) + "/" + std::to_string(texts.size());
      throw DeclarationError({"wrong value", place, "a text", shown(item), ""});
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

StrictObject StrictObject::object(const std::string& key) {
  return {need(key, "an object"), file_, pointer_ + "/" + escaped(key)};
}

std::vector<StrictObject> StrictObject::objects(const std::string& key) {
  const Json& value = need(key, "a list of objects");
  if (!value.is_array()) wrong(key, "a list of objects", shown(value));
  std::vector<StrictObject> items;
  for (std::size_t i = 0; i < value.size(); ++i) {
    items.emplace_back(value[i], file_, pointer_ + "/" + escaped(key) + "/" + std::to_string(i));
  }
  return items;
}

std::string StrictObject::choice(const std::string& key, const std::vector<std::string>& allowed) {
  const auto value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  throw DeclarationError(
      {"wrong value", where(key), "one of " + join(allowed, ", "), "\"" + value + "\"", did_you_mean(value, allowed)});
}

const Json& StrictObject::any(const std::string& key) { return need(key, "a value"); }

const Json& StrictObject::any_object(const std::string& key) {
  const Json& value = need(key, "an object");
  if (!value.is_object()) wrong(key, "an object", shown(value));
  return value;
}

std::optional<std::string> StrictObject::maybe_text(const std::string& key) {
  return has(key) ? std::optional(text(key)) : std::nullopt;
}
std::optional<double> StrictObject::maybe_real(const std::string& key) {
  return has(key) ? std::optional(real(key)) : std::nullopt;
}
std::optional<std::int64_t> StrictObject::maybe_integer(const std::string& key) {
  return has(key) ? std::optional(integer(key)) : std::nullopt;
}
std::vector<std::string> StrictObject::maybe_texts(const std::string& key) {
  return has(key) ? texts(key) : std::vector<std::string>{};
}
std::optional<StrictObject> StrictObject::maybe_object(const std::string& key) {
  return has(key) ? std::optional(object(key)) : std::nullopt;
}
std::vector<StrictObject> StrictObject::maybe_objects(const std::string& key) {
  return has(key) ? objects(key) : std::vector<StrictObject>{};
}
std::optional<Json> StrictObject::maybe_any(const std::string& key) {
  return has(key) ? std::optional(any(key)) : std::nullopt;
}

bool StrictObject::flag_or(const std::string& key, bool fallback) {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean()) wrong(key, "true or false", shown(*value));
  return value->get<bool>();
}

bool StrictObject::has(const std::string& key) { return find(key) != nullptr; }

std::vector<std::string> StrictObject::keys() const {
  std::vector<std::string> names;
  for (const auto& item : value_->items()) names.push_back(item.key());
  return names;
}

void StrictObject::done() const {
  for (const auto& key : keys()) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    auto known = asked_;
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    const auto near = did_you_mean(key, known);
    throw DeclarationError({"unknown key", where(key), "one of " + join(known, ", "), "\"" + key + "\"", near});
  }
}

}  // namespace assay
