#include "catalog/catalog.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay {

namespace {

template <typename T>
const T* by_id(const std::vector<T>& items, const std::string& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

template <typename T>
const T* by_name(const std::vector<T>& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

std::string shown_value(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

}  // namespace

std::string to_string(Role role) {
  return role == Role::kReference ? "reference" : role == Role::kBaseline ? "baseline" : "paper";
}

const Metric& Task::ranking() const {
  return *std::find_if(metrics.begin(), metrics.end(), [](const Metric& metric) { return metric.ranks; });
}
const Metric* Task::metric(const std::string& name) const { return by_name(metrics, name); }
const CurveSteps& Task::progress_of(const Setting* setting) const {
  return setting && setting->progress ? *setting->progress : progress;
}

const Setting* Task::setting(const std::string& id) const { return by_id(settings, id); }
const Parameter* Method::parameter(const std::string& name) const { return by_name(parameters, name); }
const Task* Catalog::task(const std::string& id) const { return by_id(tasks, id); }
const DataSet* Catalog::dataset(const std::string& id) const { return by_id(datasets, id); }

const Method* Catalog::method(const std::string& task, const std::string& id) const {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const Method& method) { return method.task == task && method.id == id; });
  return found == methods.end() ? nullptr : &*found;
}

std::vector<const Method*> Catalog::methods_of(const std::string& task) const {
  std::vector<const Method*> found;
  for (const auto& method : methods) {
    if (method.task == task) found.push_back(&method);
  }
  return found;
}

Json Parameter::value_for(const std::string& tier) const {
  const auto own = per_tier.find(tier);
  return own == per_tier.end() ? fallback : own->second;
}

Json Parameter::parsed(const std::string& text, const std::string& method) const {
  const auto refuse = [&](const std::string& expected) -> UsageError {
    return UsageError({"wrong parameter value", "-m " + method + "[" + name + "=...]", expected, "\"" + text + "\"",
                       "see bench show " + method});
  };
  if (type == ParameterType::kFlag) {
    if (text != "true" && text != "false") throw refuse("true or false");
    return text == "true";
  }
  if (type == ParameterType::kChoice) {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) throw refuse("one of " + join(choices, ", "));
    return text;
  }
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) throw refuse("a number");
  if ((low && number < *low) || (high && number > *high)) {
    throw refuse("a number from " + (low ? shortest(*low) : "-inf") + " to " + (high ? shortest(*high) : "inf"));
  }
  if (type == ParameterType::kReal) return number;
  if (std::abs(number) > 0x1p53 || number != std::floor(number)) throw refuse("an integer");
  return static_cast<std::int64_t>(number);
}

Entry entry_of(const Method& method, const std::string& tier, const Json& chosen) {
  Entry entry{&method, Json::object(), method.id};
  std::vector<std::string> unusual;
  for (const auto& parameter : method.parameters) {
    const Json usual = parameter.value_for(tier);
    const Json value = chosen.value(parameter.name, usual);
    entry.parameters[parameter.name] = value;
    if (value != usual) unusual.push_back(parameter.name + "=" + shown_value(value));
  }
  if (!unusual.empty()) entry.label += "[" + join(unusual, ",") + "]";
  return entry;
}

namespace {

// A list that names all where it is empty.
bool holds(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool Tier::runs(const std::string& label) const { return holds(entries, label); }

bool Method::plays(const std::string& protocol) const { return holds(protocols, protocol); }

bool takes_part(const Entry& entry, const std::string& tier, const Setting& setting) {
  if (!entry.method->plays(setting.protocol)) return false;
  return std::all_of(entry.method->parameters.begin(), entry.method->parameters.end(), [&](const Parameter& parameter) {
    return holds(parameter.protocols, setting.protocol) ||
           entry.parameters.at(parameter.name) == parameter.value_for(tier);
  });
}

std::vector<Entry> default_entries(const Method& method, const std::string& tier) {
  std::vector<Entry> entries{entry_of(method, tier, Json::object())};
  for (const auto& chosen : method.entries) {
    auto entry = entry_of(method, tier, chosen);
    const auto same = [&](const Entry& other) { return other.label == entry.label; };
    if (std::none_of(entries.begin(), entries.end(), same)) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace assay
