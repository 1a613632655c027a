#include "engine/plan.hpp"

#include <algorithm>
#include <map>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "data/locate.hpp"
#include "engine/environment.hpp"

namespace assay {

namespace {

// "sam[rho=0.1,nesterov=true]": a glob for the id and, in brackets, parameters that are to differ from the defaults.
struct MethodPattern {
  std::string text, id;
  std::vector<std::pair<std::string, std::string>> parameters;

  explicit MethodPattern(const std::string& pattern) : text(pattern), id(pattern.substr(0, pattern.find('['))) {
    if (id.size() == pattern.size()) return;
    const auto refuse = [&] {
      return UsageError({"broken method pattern", "-m " + pattern, "name[param=value,...]", "\"" + pattern + "\"", ""});
    };
    if (pattern.back() != ']') throw refuse();
    for (const auto& part : split(pattern.substr(id.size() + 1, pattern.size() - id.size() - 2), ',')) {
      const auto equals = part.find('=');
      if (equals == std::string::npos || equals == 0) throw refuse();
      parameters.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
  }
};

// What is chosen of a method: its default entries, or one with the pattern's parameters.
std::vector<Entry> entries_of(const Method& method, const std::string& tier, const MethodPattern& pattern) {
  if (pattern.parameters.empty()) return default_entries(method, tier);
  Json chosen = Json::object();
  for (const auto& [name, value] : pattern.parameters) {
    const auto* parameter = method.parameter(name);
    if (!parameter) {
      std::vector<std::string> known;
      for (const auto& item : method.parameters) known.push_back(item.name);
      throw UsageError({"unknown parameter", "-m " + pattern.text,
                        known.empty() ? "no parameter: " + method.id + " has none" : "one of " + join(known, ", "),
                        "\"" + name + "\"", did_you_mean(name, known)});
    }
    chosen[name] = parameter->parsed(value, method.id);
  }
  return {entry_of(method, tier, chosen)};
}

// The patterns of a request that matched nothing are errors; this remembers which did.
class Patterns {
 public:
  Patterns(std::string flag, std::string what, std::vector<std::string> patterns)
      : flag_(std::move(flag)),
        what_(std::move(what)),
        patterns_(std::move(patterns)),
        matched_(patterns_.size(), false) {}

  bool matches(const std::string& name, const std::string& qualified) {
    known_.push_back(name);
    if (patterns_.empty()) return true;
    bool any = false;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (glob_match(patterns_[i], name) || glob_match(patterns_[i], qualified)) matched_[i] = any = true;
    }
    return any;
  }
  bool names_exactly(const std::string& name, const std::string& qualified) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const auto& p) { return p == name || p == qualified; });
  }
  void refuse_unmatched() {
    std::sort(known_.begin(), known_.end());
    known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (matched_[i]) continue;
      throw UsageError({"unknown " + what_, flag_ + " " + patterns_[i], "one of " + join(known_, ", "),
                        "\"" + patterns_[i] + "\"", did_you_mean(patterns_[i], known_)});
    }
  }

 private:
  std::string flag_, what_;
  std::vector<std::string> patterns_;
  std::vector<bool> matched_;
  std::vector<std::string> known_;
};

class Planner {
  struct Data {
    std::string digest, reason, remedy;
  };

 public:
  Planner(const Catalog& catalog, const BuildInfo& build, const Store* store, const Request& request)
      : catalog_(catalog), build_(build), request_(request) {
    plan_.device = resolve_device(request.device, build);
    plan_.isa = request.isa;
    if (request.isa != "avx2" && request.isa != "native") {
      throw UsageError({"unknown instruction set", "--isa", "avx2 or native", "\"" + request.isa + "\"", ""});
    }
    if (std::find(kTiers.begin(), kTiers.end(), request.tier) == kTiers.end()) {
      throw UsageError({"unknown tier", "--tier", "one of " + join(kTiers, ", "), "\"" + request.tier + "\"",
                        did_you_mean(request.tier, kTiers)});
    }
    plan_.environment = describe_environment(build, plan_.device, plan_.isa);
    key_prefix_ = "assay run key 1\n" + key_part(build, plan_.device, plan_.isa).dump() + "\n";
    if (store) states_ = store->states(plan_.environment.id), costs_ = store->costs();
    for (const auto& pattern : request.methods) method_patterns_.emplace_back(pattern);
  }

  Plan plan() {
    Patterns tasks("-t", "task", request_.tasks), settings("--setting", "setting", request_.settings);
    for (const auto& task : catalog_.tasks) {
      if (!tasks.matches(task.id, task.id)) continue;
      const auto entries = chosen_entries(task);
      for (const auto& setting : task.settings) {
        const auto qualified = task.id + "/" + setting.id;
        if (!settings.matches(setting.id, qualified)) continue;
        const bool exactly = settings.names_exactly(setting.id, qualified);
        if (const Tier* tier = tier_of(setting, exactly)) add_setting(task, setting, *tier, entries);
      }
    }
    tasks.refuse_unmatched();
    settings.refuse_unmatched();
    refuse_unmatched_methods();
    if (plan_.runs.empty()) {
      throw UsageError({"nothing to run", "--tier " + request_.tier,
                        "a setting that runs in this tier, and a method that plays its protocol", "none",
                        "see bench list settings"});
    }
    return std::move(plan_);
  }

 private:
  // The tier's sizes for a setting: where it is declared for the tier, or named exactly and the task knows the tier.
  const Tier* tier_of(const Setting& setting, bool exactly) const {
    const auto own = setting.tiers.find(request_.tier);
    if (own != setting.tiers.end()) return &own->second;
    const auto other = setting.others.find(request_.tier);
    return exactly && other != setting.others.end() ? &other->second : nullptr;
  }

  std::vector<Entry> chosen_entries(const Task& task) {
    std::vector<Entry> entries;
    const auto add = [&](const Entry& entry) {
      const bool known =
          std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.label == entry.label; });
      if (!known) entries.push_back(entry);
    };
    for (const auto* method : catalog_.methods_of(task.id)) {
      known_methods_.push_back(method->id);
      if (method_patterns_.empty()) {
        for (const auto& entry : entries_of(*method, request_.tier, MethodPattern("*"))) add(entry);
      }
      for (const auto& pattern : method_patterns_) {
        if (!glob_match(pattern.id, method->id)) continue;
        matched_methods_.push_back(pattern.text);
        for (const auto& entry : entries_of(*method, request_.tier, pattern)) add(entry);
      }
    }
    return entries;
  }

  void refuse_unmatched_methods() {
    for (const auto& pattern : method_patterns_) {
      if (std::find(matched_methods_.begin(), matched_methods_.end(), pattern.text) != matched_methods_.end()) continue;
      throw UsageError({"unknown method", "-m " + pattern.text, "one of " + join(known_methods_, ", "),
                        "\"" + pattern.id + "\"", did_you_mean(pattern.id, known_methods_)});
    }
  }

  void add_setting(const Task& task, const Setting& setting, const Tier& tier, const std::vector<Entry>& entries) {
    const auto& data = located(setting.dataset);
    const Json protocol{{"setting", setting.parameters}, {"budget", tier.budget}, {"dataset", setting.dataset}};
    const auto setting_key = key_prefix_ + task.id + "\n" + setting.id + "\n" + request_.tier + "\n" + protocol.dump() +
                             "\n" + data.digest + "\n";
    const auto provenance = sha256(key_prefix_ + build_.task_code(task.id));
    const auto& seeds = request_.seeds.empty() ? tier.seeds : request_.seeds;
    for (const auto& entry : entries) {
      if (!takes_part(entry, request_.tier, setting)) continue;
      if (request_.methods.empty() && !tier.runs(entry.label)) continue;
      PlannedRun run;
      run.cell = {task.id, setting.id, request_.tier, entry.method->id, entry.label, 0, entry.parameters, protocol};
      run.data = data.digest;
      run.provenance = provenance;
      run.task = &task, run.setting = &setting, run.method = entry.method;
      run.time_limit_s = request_.time_limit_s.value_or(tier.time_limit_s);
      run.memory_mb = request_.memory_mb.value_or(tier.memory_mb);
      const auto* built = build_.method(task.id, entry.method->id);
      if (built) run.code = built->code;
      find_unavailable(run, data, built != nullptr);
      estimate(run);
      const auto method_key = setting_key + entry.method->id + "\n" + entry.parameters.dump() + "\n" + run.code + "\n";
      for (const auto seed : seeds) {
        run.cell.seed = seed;
        run.key = sha256(method_key + std::to_string(seed));
        if (run.reason.empty()) run.state = state_of(run.key);
        plan_.runs.push_back(run);
      }
    }
  }

  void find_unavailable(PlannedRun& run, const Data& data, bool built) const {
    if (!data.reason.empty()) {
      run.reason = data.reason, run.remedy = data.remedy;
    } else if (!built) {
      run.reason = "method " + run.cell.method + " is declared but not in this build",
      run.remedy = "./ci/bench builds it";
    } else if (run.method->device != "any" && run.method->device != device_class(plan_.device)) {
      run.reason = "method " + run.cell.method + " needs the device " + run.method->device;
      run.remedy = "bench run --device " + run.method->device;
    }
    if (!run.reason.empty()) run.state = CellState::kUnavailable;
  }

  CellState state_of(const std::string& key) const {
    const auto found = states_.find(key);
    if (found == states_.end()) return CellState::kMissing;
    return found->second == Store::State::kOk ? CellState::kCached : CellState::kFailed;
  }

  void estimate(PlannedRun& run) const {
    const auto& cell = run.cell;
    const auto found = costs_.find(cell.task + "/" + cell.setting + "/" + cell.tier + "/" + cell.label);
    if (found == costs_.end()) return;
    run.estimate_s = found->second.seconds, run.estimate_kb = found->second.peak_memory_kb;
  }

  const Data& located(const std::string& dataset) {
    const auto known = data_.find(dataset);
    if (known != data_.end()) return known->second;
    const auto found = locate(*catalog_.dataset(dataset));
    return data_[dataset] = {data_digest(*catalog_.dataset(dataset)), found.reason(), found.remedy()};
  }

  const Catalog& catalog_;
  const BuildInfo& build_;
  const Request& request_;
  Plan plan_;
  std::string key_prefix_;
  std::vector<MethodPattern> method_patterns_;
  std::vector<std::string> known_methods_, matched_methods_;
  std::unordered_map<std::string, Store::State> states_;
  std::unordered_map<std::string, Store::Cost> costs_;
  std::map<std::string, Data> data_;
};

}  // namespace

std::size_t Plan::count(CellState state) const {
  return static_cast<std::size_t>(
      std::count_if(runs.begin(), runs.end(), [&](const PlannedRun& run) { return run.state == state; }));
}

Plan make_plan(const Catalog& catalog, const BuildInfo& build, const Store* store, const Request& request) {
  return Planner(catalog, build, store, request).plan();
}

}  // namespace assay
