#include <algorithm>

#include "core/text.hpp"
#include "report/answers.hpp"
#include "report/view_parts.hpp"

namespace assay {

namespace {

View metric_rows(const Task& task, const Result& run) {
  Views rows;
  for (const auto& metric : task.metrics) {
    const auto value = value_of(run, metric.name);
    if (!value) continue;
    View row;
    row["metric_title"] = display_metric(metric);
    row["metric_value"] = number(*value, metric.decimals);
    row["metric_exact"] = shortest(*value);
    row["metric_diagnostic"] = metric.diagnostic;
    row["metric_ranks"] = metric.ranks;
    rows.push_back(std::move(row));
  }
  return rows;
}

View curve_charts(const Task& task, const std::string& setting,
                  const std::map<std::string, std::vector<double>>& curves) {
  Views charts;
  const auto& axis = task.progress_of(task.setting(setting));
  for (const auto& [name, values] : curves) {
    const auto declared = std::find_if(task.curves.begin(), task.curves.end(),
                                       [&name = name](const Curve& curve) { return curve.name == name; });
    const auto title = declared == task.curves.end() ? name : declared->title;
    View chart;
    chart["svg"] = small_curve(title, declared == task.curves.end() ? "" : declared->unit, values, axis.from);
    chart["chart_title"] = title;
    charts.push_back(std::move(chart));
  }
  return charts;
}

bool is_matrix(const Json& value) {
  if (!value.is_array() || value.empty() || !value[0].is_array() || value[0].empty()) return false;
  return std::all_of(value.begin(), value.end(), [&](const Json& row) {
    return row.is_array() && row.size() == value[0].size() &&
           std::all_of(row.begin(), row.end(), [](const Json& cell) { return cell.is_number(); });
  });
}

// Rows that name themselves: [{"label": "Trouser", "AP": 71.2, "recall": null}, ...], all with the same fields.
bool is_labelled_table(const Json& value) {
  if (!value.is_array() || value.empty()) return false;
  return std::all_of(value.begin(), value.end(), [&](const Json& row) {
    if (!row.is_object() || row.size() != value[0].size() || !row.contains("label")) return false;
    for (const auto& [name, cell] : row.items()) {
      const bool fits = name == "label" ? cell.is_string() : cell.is_number() || cell.is_null();
      if (!fits || !value[0].contains(name)) return false;
    }
    return true;
  });
}

// A matrix has three decimals; rows that name themselves come as they should be read.
View cell_view(const Json& cell, bool labelled) {
  View view;
  view["cell"] = cell.is_null()                         ? "–"
                 : cell.is_number_integer() || labelled ? cell.dump()
                                                        : number(cell.get<double>(), 3);
  view["zero"] = cell.is_number() && cell.get<double>() == 0;
  return view;
}

View table_view(const std::string& name, const Json& table) {
  Views heads, rows;
  for (const auto& [field, first] : table[0].items()) {  // of a matrix: "0", "1", ...
    if (field != "label") heads.push_back(field);
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    View row;
    const bool labelled = table[i].is_object();
    row["matrix_index"] = labelled ? table[i].at("label").get<std::string>() : std::to_string(i);
    Views cells;
    for (const auto& [field, cell] : table[i].items()) {
      if (field != "label") cells.push_back(cell_view(cell, labelled));
    }
    row["matrix_cells"] = cells;
    rows.push_back(std::move(row));
  }
  View view;
  view["matrix_name"] = name;
  view["matrix_heads"] = heads;
  view["matrix_rows"] = rows;
  return view;
}

// What the protocol did: single values, and tables.
void place_notes(View& view, const Json& notes) {
  Views tables;
  Json single = Json::object();
  if (notes.is_object()) {
    for (const auto& [name, value] : notes.items()) {
      if (is_matrix(value) || is_labelled_table(value)) {
        tables.push_back(table_view(name, value));
      } else {
        single[name] = value;
      }
    }
  }
  view["has_notes"] = !single.empty() || !tables.empty();
  view["note_facts"] = facts(single);
  view["matrices"] = tables;
}

void place_code(View& view, const SiteData& data, const std::string& id) {
  const auto code = data.ask([&](const Store& store) { return store.code(id); });
  view["code_id"] = id;
  view["has_code"] = code.has_value();
  if (!code) return;
  view["revision"] = code->revision.empty() ? "not in a checkout" : code->revision;
  view["dirty"] = code->dirty;
  Views sources;
  for (const auto& source : code->sources) {
    View item;
    item["source_path"] = source.path;
    item["source_hash"] = source.sha256.substr(0, 12);
    sources.push_back(std::move(item));
  }
  view["sources"] = sources;
  view["source_count"] = count_text(code->sources.size(), "file", "files");
}

// Other executions of the run key: on this environment (superseded ones) and on others, and whether their bits agree.
void place_others(View& view, const SiteData& data, const Result& shown) {
  Views others;
  for (const auto& other : data.ask([&](const Store& store) { return store.executions(shown.key); })) {
    if (other.id == shown.id) continue;
    View item;
    item["other_when"] = utc_time(other.started_ms);
    item["other_environment"] = environment_line(data.environment(other.environment));
    item["other_same_environment"] = other.environment == shown.environment;
    item["other_status"] = other.ok() ? "ok" : other.failure;
    item["other_seconds"] = duration(other.seconds);
    item["other_comparable"] = other.ok() && shown.ok();
    item["other_agrees"] = other.digest == shown.digest;
    others.push_back(std::move(item));
  }
  view["has_others"] = !others.empty();
  view["other_executions"] = others;
}

// The execution that the page is about: an ok one before a failed one, then the newest.
const Result& shown_execution(const std::vector<const Result*>& executions) {
  return **std::max_element(executions.begin(), executions.end(), [](const Result* a, const Result* b) {
    return std::pair(a->ok(), a->started_ms) < std::pair(b->ok(), b->started_ms);
  });
}

}  // namespace

View run_view(const SiteData& data, const std::vector<const Result*>& executions) {
  const Result& run = shown_execution(executions);
  const Task& task = *data.catalog.task(run.task);
  const Setting& setting = *task.setting(run.setting);
  const auto* method = data.catalog.method(run.task, run.method);
  const auto name = method ? display_name(*method, run.label) : run.label;
  View view;
  frame(view, "../", name + ", seed " + std::to_string(run.seed) + " \u00b7 " + setting.title,
        {{"index.html", "Assay"},
         {task_page(task.id), task.title},
         {setting_page(task.id, setting.id, run.tier), setting.title}});
  view["title"] = name;
  view["seed"] = std::to_string(run.seed);
  view["tier"] = run.tier;
  view["has_card"] = method != nullptr;
  view["method_page"] = method ? method_page(task.id, method->id) : "";
  view["setting_title"] = setting.title;
  view["setting_page"] = setting_page(task.id, setting.id, run.tier);
  view["ok"] = run.ok();
  view["failure"] = run.failure;
  view["message"] = run.message;
  view["has_message"] = !run.message.empty();
  view["command"] = rerun_command(run);
  view["metrics"] = metric_rows(task, run);
  view["curves"] = curve_charts(task, run.setting, data.ask([&](const Store& store) { return store.curves(run.id); }));
  const auto log = data.ask([&](const Store& store) { return store.log_tail(run.id); });
  view["has_log"] = !log.empty();
  view["log"] = log;
  view["when"] = utc_time(run.started_ms);
  view["seconds"] = duration(run.seconds);
  view["cpu_seconds"] = duration(run.cpu_seconds);
  view["memory"] = bytes(static_cast<std::uint64_t>(run.peak_memory_kb) * 1000);
  view["key"] = run.key;
  view["has_digest"] = !run.digest.empty();
  view["digest"] = run.digest;
  const auto& environment = data.environment(run.environment);
  view["environment_line"] = environment_line(environment);
  view["environment_id"] = run.environment;
  view["environment_facts"] = facts(environment.body);
  view["parameters"] = facts(Json::parse(run.parameters, nullptr, false));
  view["protocol"] = data.ask([&](const Store& store) { return store.protocol(run.id); }).dump(2);
  place_notes(view, data.ask([&](const Store& store) { return store.notes(run.id); }));
  place_code(view, data, run.code);
  place_others(view, data, run);
  return view;
}

}  // namespace assay
