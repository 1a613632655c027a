#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "report/view_parts.hpp"

namespace assay {

namespace {

// "ranks", "ranks in Patches", ...
std::string use_text(const Task& task, const Metric& metric) {
  if (metric.ranks) return "ranks";
  for (const auto& view : task.views) {
    if (view.metric == metric.name) return "ranks in " + view.title;
  }
  return metric.diagnostic ? "diagnostic, never ranks" : "shown";
}

View metric_rows(const Task& task) {
  Views rows;
  for (const auto& metric : task.metrics) {
    View row;
    row["metric_title"] = display_metric(metric);
    row["metric_meaning"] = metric.meaning;
    row["metric_direction"] = direction_text(metric);
    row["metric_use"] = use_text(task, metric);
    row["metric_diagnostic"] = metric.diagnostic;
    rows.push_back(std::move(row));
  }
  return rows;
}

// The further leaderboards of a group's runs.
View view_links(const Group& group) {
  Views links;
  for (const auto& view : group.task->views) {
    View link;
    link["view_title"] = view.title;
    link["view_page"] = setting_page(group.task->id, group.setting->id, group.tier, view.id);
    links.push_back(std::move(link));
  }
  return links;
}

View view_rows(const Task& task) {
  Views rows;
  for (const auto& view : task.views) {
    View row;
    row["view_title"] = view.title;
    row["view_summary"] = view.summary;
    row["view_score"] = display_metric(*task.metric(view.metric));
    rows.push_back(std::move(row));
  }
  return rows;
}

View setting_rows(const SiteData& data, const Task& task) {
  Views rows;
  for (const auto& setting : task.settings) {
    Views tiers;
    for (const auto* group : data.tiers_of(task, setting)) {
      View tier;
      tier["tier_name"] = group->tier;
      tier["tier_page"] = setting_page(task.id, setting.id, group->tier);
      tier["tier_ok"] = std::to_string(group->board.ok);
      tier["tier_planned"] = std::to_string(group->board.planned);
      tier["tier_views"] = view_links(*group);
      tiers.push_back(std::move(tier));
    }
    View row;
    row["setting_title"] = setting.title;
    row["setting_summary"] = setting.summary;
    row["tiers"] = tiers;
    rows.push_back(std::move(row));
  }
  return rows;
}

// Settings of one tier that have a run: the task's boards that are compared with each other.
std::vector<const Group*> boards_of(const SiteData& data, const Task& task, const std::string& tier) {
  std::vector<const Group*> groups;
  for (const auto* group : data.groups_of(task.id)) {
    if (group->tier == tier && !group->board.empty()) groups.push_back(group);
  }
  return groups;
}

View matrix_cell(const Group& group, const std::string& label) {
  View cell;
  const auto* standing = group.board.standing(label);
  const bool scored = standing && standing->score.n > 0;
  cell["cell_has"] = scored;
  cell["cell_value"] = scored ? number(standing->score.mean, group.task->ranking().decimals) : "";
  cell["cell_first"] = scored && standing->rank && standing->rank->best == 1;
  cell["cell_page"] = setting_page(group.task->id, group.setting->id, group.tier);
  cell["cell_failed"] = standing && !standing->failed.empty();
  return cell;
}

View matrix_row(const std::vector<const Group*>& groups, const Method& method, const std::string& label) {
  View row;
  row["name"] = display_name(method, label);
  row["method_page"] = method_page(method.task, method.id);
  row["badges"] = role_badges(method);
  Views cells;
  for (const auto* group : groups) cells.push_back(matrix_cell(*group, label));
  row["cells"] = cells;
  return row;
}

// "70.1 to 72.3; 3 of 4; 1 failed cell counted at the floor": what there is of it.
std::string reach_text(const AcrossRow& row, std::size_t settings) {
  std::vector<std::string> parts;
  if (row.varies) parts.push_back(interval_text(row.iqm.interval, 1));
  if (row.settings < settings) parts.push_back(std::to_string(row.settings) + " of " + std::to_string(settings));
  if (row.imputed) parts.push_back(count_text(row.imputed, "failed cell", "failed cells") + " counted at the floor");
  return join(parts, "; ");
}

void place_across(View& view, const Across& across, const std::vector<const Group*>& groups) {
  std::vector<double> values, reach;
  for (const auto& row : across.rows) {
    values.push_back(row.iqm.value);
    reach.push_back(row.iqm.interval.low);
    reach.push_back(row.iqm.interval.high);
  }
  const auto scale = row_scale(values, reach, 1);
  Views rows;
  for (std::size_t i = 0; i < across.rows.size(); ++i) {
    const auto& one = across.rows[i];
    auto row = matrix_row(groups, *one.method, one.label);
    row["iqm"] = number(one.iqm.value, 1);
    row["iqm_raw"] = shortest(one.iqm.value);
    IntervalRow plot;
    plot.title = display_name(*one.method, one.label) + ": " + number(one.iqm.value, 1);
    plot.css_class = i < 7 ? "s" + std::to_string(i) : "muted";
    plot.mean = one.iqm.value;
    if (one.varies) plot.interval = one.iqm.interval;
    row["plot"] = interval_row(plot, scale);
    row["has_mean_rank"] = one.mean_rank > 0;
    row["mean_rank"] = number(one.mean_rank, 1);
    row["reach"] = reach_text(one, across.settings);
    rows.push_back(std::move(row));
  }
  view["across_rows"] = rows;
  view["axis"] = interval_axis(scale, "axis of the interquartile mean");
  view["normalised"] = across.normalised;
  view["across_settings"] = count_text(across.settings, "setting", "settings");
  view["has_diagram"] = !across.marks.empty();
  if (!across.marks.empty()) view["diagram"] = rank_diagram("Mean rank over settings", across.marks, across.bars);
}

View reference_rows(const SiteData& data, const Task& task, const std::vector<const Group*>& groups) {
  Views rows;
  std::set<std::string> seen;
  for (const auto* group : groups) {
    for (const auto& standing : group->board.standings) {
      if (standing.reference && standing.score.n > 0 && seen.insert(standing.label).second) {
        rows.push_back(matrix_row(groups, *data.catalog.method(task.id, standing.method->id), standing.label));
      }
    }
  }
  return rows;
}

View method_rows(const SiteData& data, const Task& task) {
  Views rows;
  for (const auto* method : data.catalog.methods_of(task.id)) {
    View row;
    row["name"] = method->name;
    row["method_page"] = method_page(task.id, method->id);
    row["badges"] = role_badges(*method);
    row["method_summary"] = method->summary;
    row["has_paper"] = method->paper.has_value();
    row["paper_venue"] = method->paper ? method->paper->venue + " " + std::to_string(method->paper->year) : "";
    rows.push_back(std::move(row));
  }
  return rows;
}

// The tier that most settings with a run are best known at; of equal ones the larger; "quick" where nothing has run.
std::string shown_tier(const SiteData& data, const Task& task) {
  std::map<std::string, std::size_t> votes;
  for (const auto& setting : task.settings) {
    const auto* group = main_tier(data.tiers_of(task, setting));
    if (!group->board.empty()) ++votes[group->tier];
  }
  std::string best = "quick";
  for (const auto& tier : kTiers) {
    if (votes[tier] > 0 && votes[tier] >= votes[best]) best = tier;
  }
  return best;
}

}  // namespace

View task_view(const SiteData& data, const Task& task) {
  View view;
  frame(view, "../", task.title, {{"index.html", "Assay"}});
  const auto tier = shown_tier(data, task);
  const auto groups = boards_of(data, task, tier);
  view["title"] = task.title;
  view["description"] = task.description;
  view["output"] = task.output;
  view["tier"] = tier;
  view["metric_rows"] = metric_rows(task);
  view["has_views"] = !task.views.empty();
  view["view_rows"] = view_rows(task);
  view["setting_rows"] = setting_rows(data, task);
  view["method_rows"] = method_rows(data, task);
  view["has_run"] = !groups.empty();
  view["run_command"] = run_command(task.id, "", tier);
  view["score_title"] = display_metric(task.ranking());
  const auto* floor = data.catalog.method(task.id, task.floor);
  const auto* ceiling = data.catalog.method(task.id, task.ceiling);
  view["floor_name"] = floor ? floor->name : task.floor;
  view["ceiling_name"] = ceiling ? ceiling->name : "";
  Views heads;
  std::vector<const Board*> boards;
  for (const auto* group : groups) {
    View head;
    head["head_title"] = group->setting->title;
    head["head_page"] = setting_page(task.id, group->setting->id, tier);
    heads.push_back(std::move(head));
    boards.push_back(&group->board);
  }
  view["heads"] = heads;
  if (!boards.empty()) place_across(view, make_across(task, boards), groups);
  auto references = reference_rows(data, task, groups);
  view["has_references"] = references.is_non_empty_list();
  view["reference_rows"] = std::move(references);
  return view;
}

}  // namespace assay
