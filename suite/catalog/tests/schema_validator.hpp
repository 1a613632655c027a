// A validator of JSON Schema (draft 2020-12) for the keywords that our schemas use; any other keyword is a
// std::logic_error, so that a schema cannot hold a rule that the test does not see.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

#include "core/strict_json.hpp"

namespace assay {

class SchemaValidator {
 public:
  explicit SchemaValidator(Json schema) : root_(std::move(schema)) {}

  bool accepts(const Json& value) { return accepts(root_, value); }

  // Pointers of the properties in the schema that no value accepted so far has had: gaps of the examples.
  std::set<std::string> properties_never_seen() const {
    std::set<std::string> names;
    const Json flat = root_.flatten();
    for (const auto& [pointer, leaf] : flat.items()) {
      for (auto at = pointer.find("/properties/"); at != std::string::npos; at = pointer.find("/properties/", at + 1)) {
        names.insert(pointer.substr(0, pointer.find('/', at + 12)));
      }
    }
    std::erase_if(names, [&](const std::string& name) { return seen_.contains(&root_.at(Json::json_pointer(name))); });
    return names;
  }

 private:
  using Check = std::function<bool(SchemaValidator&, const Json& rule, const Json& value, const Json& schema)>;

  bool accepts(const Json& schema, const Json& value) {
    seen_.insert(&schema);
    if (schema.is_boolean()) return schema.get<bool>();
    for (const auto& [keyword, rule] : schema.items()) {
      const auto check = keywords().find(keyword);
      if (check == keywords().end()) throw std::logic_error("the validator does not know the keyword " + keyword);
      if (!check->second(*this, rule, value, schema)) return false;
    }
    return true;
  }

  static bool is_type(const std::string& type, const Json& value) {
    return type == "object"    ? value.is_object()
           : type == "array"   ? value.is_array()
           : type == "string"  ? value.is_string()
           : type == "boolean" ? value.is_boolean()
           : type == "null"    ? value.is_null()
           : type == "integer" ? value.is_number_integer()
           : type == "number"  ? value.is_number()
                               : throw std::logic_error("unknown type " + type);
  }

  static Check always() {
    return [](auto&, auto&, auto&, auto&) { return true; };
  }

  static const std::map<std::string, Check>& keywords() {
    static const std::map<std::string, Check> known{
        {"$schema", always()},
        {"title", always()},
        {"description", always()},
        {"$defs", always()},
        {"then", always()},
        {"else", always()},  // with "if"
        {"$ref",
         [](auto& self, auto& rule, auto& value, auto&) {
           const auto target = rule.template get<std::string>();
           return self.accepts(self.root_.at(Json::json_pointer(target.substr(1))), value);
         }},
        {"if",
         [](auto& self, auto& rule, auto& value, auto& schema) {
           const auto branch = schema.find(self.accepts(rule, value) ? "then" : "else");
           return branch == schema.end() || self.accepts(*branch, value);
         }},
        {"allOf",
         [](auto& self, auto& rule, auto& value, auto&) {
           return std::all_of(rule.begin(), rule.end(), [&](auto& part) { return self.accepts(part, value); });
         }},
        {"type",
         [](auto&, auto& rule, auto& value, auto&) {
           if (rule.is_string()) return is_type(rule.template get<std::string>(), value);
           return std::any_of(rule.begin(), rule.end(),
                              [&](auto& type) { return is_type(type.template get<std::string>(), value); });
         }},
        {"enum", [](auto&, auto& rule, auto& value,
                    auto&) { return std::find(rule.begin(), rule.end(), value) != rule.end(); }},
        {"const", [](auto&, auto& rule, auto& value, auto&) { return rule == value; }},
        {"required",
         [](auto&, auto& rule, auto& value, auto&) {
           return !value.is_object() || std::all_of(rule.begin(), rule.end(), [&](auto& key) {
             return value.contains(key.template get<std::string>());
           });
         }},
        {"dependentRequired",
         [](auto&, auto& rule, auto& value, auto&) {
           for (const auto& [key, others] : rule.items()) {
             if (!value.is_object() || !value.contains(key)) continue;
             for (const auto& other : others) {
               if (!value.contains(other.template get<std::string>())) return false;
             }
           }
           return true;
         }},
        {"properties",
         [](auto& self, auto& rule, auto& value, auto&) {
           for (const auto& [key, schema] : rule.items()) {
             if (value.is_object() && value.contains(key) && !self.accepts(schema, value.at(key))) return false;
           }
           return true;
         }},
        {"additionalProperties",
         [](auto& self, auto& rule, auto& value, auto& schema) {
           if (!value.is_object()) return true;
           for (const auto& [key, item] : value.items()) {
             const bool named = schema.contains("properties") && schema.at("properties").contains(key);
             if (!named && !self.accepts(rule, item)) return false;
           }
           return true;
         }},
        {"items",
         [](auto& self, auto& rule, auto& value, auto&) {
           return !value.is_array() ||
                  std::all_of(value.begin(), value.end(), [&](auto& item) { return self.accepts(rule, item); });
         }},
        {"minItems", [](auto&, auto& rule, auto& value,
                        auto&) { return !value.is_array() || value.size() >= rule.template get<std::size_t>(); }},
        {"maxItems", [](auto&, auto& rule, auto& value,
                        auto&) { return !value.is_array() || value.size() <= rule.template get<std::size_t>(); }},
        {"uniqueItems",
         [](auto&, auto&, auto& value, auto&) {
           return !value.is_array() || std::set<Json>(value.begin(), value.end()).size() == value.size();
         }},
        {"minLength",
         [](auto&, auto& rule, auto& value, auto&) {
           return !value.is_string() || value.template get<std::string>().size() >= rule.template get<std::size_t>();
         }},
        {"pattern",
         [](auto&, auto& rule, auto& value, auto&) {
           return !value.is_string() ||
                  std::regex_search(value.template get<std::string>(), std::regex(rule.template get<std::string>()));
         }},
        {"minimum", [](auto&, auto& rule, auto& value, auto&) { return !value.is_number() || value >= rule; }},
        {"maximum", [](auto&, auto& rule, auto& value, auto&) { return !value.is_number() || value <= rule; }},
        {"exclusiveMinimum", [](auto&, auto& rule, auto& value, auto&) { return !value.is_number() || value > rule; }},
    };
    return known;
  }

  Json root_;
  std::set<const Json*> seen_;
};

}  // namespace assay
