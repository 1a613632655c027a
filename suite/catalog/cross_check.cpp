#include "catalog/cross_check.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay {

namespace {

// A name that a declaration gives must exist; the error names the nearest one that does.
void need(bool exists, const std::string& where, const std::string& what, const std::string& name,
          const std::vector<std::string>& known) {
  if (exists) return;
  throw DeclarationError(
      {"unknown " + what, where, "one of " + join(known, ", "), "\"" + name + "\"", did_you_mean(name, known)});
}

template <typename Items>
std::vector<std::string> ids(const Items& items) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(item.id);
  return names;
}

// Those that the task's settings name; none or all of them do.
std::vector<std::string> protocols_of(const Task& task) {
  std::vector<std::string> known;
  for (const auto& setting : task.settings) known.push_back(setting.protocol);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return known.size() == 1 && known.front().empty() ? std::vector<std::string>{} : known;
}

// A label that nothing runs by default would thin the setting out unnoticed.
void check_sparse(const Catalog& catalog, const Task& task, const std::string& name, const Tier& tier,
                  const std::string& where) {
  std::vector<std::string> known;
  for (const auto* method : catalog.methods_of(task.id)) {
    for (const auto& entry : default_entries(*method, name)) known.push_back(entry.label);
  }
  for (const auto& label : tier.entries) {
    need(std::find(known.begin(), known.end(), label) != known.end(), where, "entry", label, known);
  }
}

}  // namespace

void check_task(const Catalog& catalog, const Task& task) {
  const auto file = "tasks/" + task.id + "/task.json:";
  const bool several = !protocols_of(task).empty();
  std::vector<std::string> methods;
  for (const auto* method : catalog.methods_of(task.id)) methods.push_back(method->id);
  const auto known = [&](const std::string& id) { return catalog.method(task.id, id) != nullptr; };
  need(known(task.baseline), file + "/baseline", "method", task.baseline, methods);
  need(known(task.floor), file + "/floor", "method", task.floor, methods);
  if (!task.ceiling.empty()) need(known(task.ceiling), file + "/ceiling", "method", task.ceiling, methods);
  for (const auto& metric : task.metrics) {
    if (!metric.closes) continue;
    for (const auto& end : {metric.closes->from, metric.closes->to}) {
      need(known(end), file + "/metrics (" + metric.name + ")/closes", "method", end, methods);
    }
  }
  for (const auto& setting : task.settings) {
    const auto where = file + "/settings (" + setting.id + ")";
    if (several && setting.protocol.empty()) {
      throw DeclarationError({"wrong value", where + "/protocol", "a protocol, as other settings have", "none", ""});
    }
    need(catalog.dataset(setting.dataset) != nullptr, where + "/dataset", "data set", setting.dataset,
         ids(catalog.datasets));
    for (const auto& [name, tier] : setting.tiers) check_sparse(catalog, task, name, tier, where + "/sparse/" + name);
  }
}

namespace {

// Where a task has protocols, its methods say which they take part in.
void check_protocols(const Task& task, const Method& method, const std::string& file) {
  const auto known = protocols_of(task);
  if (method.protocols.empty() != known.empty()) {
    throw DeclarationError({"wrong value", file + "/protocols", known.empty() ? "none" : "of " + join(known, ", "),
                            method.protocols.empty() ? "none" : join(method.protocols, ", "), ""});
  }
  for (const auto& name : method.protocols) {
    need(std::find(known.begin(), known.end(), name) != known.end(), file + "/protocols", "protocol", name, known);
  }
  for (const auto& parameter : method.parameters) {
    for (const auto& name : parameter.protocols) {
      need(std::find(method.protocols.begin(), method.protocols.end(), name) != method.protocols.end(),
           file + "/parameters (" + parameter.name + ")/protocols", "protocol", name, method.protocols);
    }
  }
}

}  // namespace

void check_method(const Catalog& catalog, const Method& method) {
  const auto file = "baselines/" + method.task + "/" + method.id + ".json:";
  const Task* task = catalog.task(method.task);
  need(task != nullptr, file + "/", "task (the folder's name)", method.task, ids(catalog.tasks));
  check_protocols(*task, method, file);
  std::vector<std::string> metrics, methods;
  for (const auto& metric : task->metrics) metrics.push_back(metric.name);
  for (const auto* other : catalog.methods_of(method.task)) methods.push_back(other->id);
  for (const auto& claim : method.claims) {
    const auto where = file + "/claims (" + claim.id + ")";
    need(task->setting(claim.setting) != nullptr, where + "/setting", "setting", claim.setting, ids(task->settings));
    need(task->metric(claim.metric) != nullptr, where + "/metric", "metric", claim.metric, metrics);
    for (const auto& named : {claim.method, claim.against}) {
      const auto id = named.substr(0, named.find('['));
      const auto* compared = catalog.method(method.task, id);
      need(compared != nullptr, where, "method", id, methods);
      const auto& protocol = task->setting(claim.setting)->protocol;
      need(compared->plays(protocol), where + "/setting", "protocol of " + id, protocol, compared->protocols);
    }
  }
}

}  // namespace assay
