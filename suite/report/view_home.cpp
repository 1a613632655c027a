#include <algorithm>

#include "report/view_parts.hpp"

namespace assay {

namespace {

// The methods that no test puts below another: "A, B and 3 more".
std::string leaders(const Board& board) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    if (board.standings[i].rank->best == 1)
      names.push_back(display_name(*board.standings[i].method, board.standings[i].label));
  }
  constexpr std::size_t kNamed = 2;
  if (names.size() == board.ranked && names.size() > kNamed)
    return "none yet: no test separates the " + std::to_string(names.size()) + " methods";
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > kNamed ? text + " and " + std::to_string(names.size() - kNamed) + " more" : text;
}

View setting_line(const Group& group) {
  const Board& board = group.board;
  const int decimals = board.metric->decimals;
  const auto* baseline = board.standing(board.task->baseline);
  const auto best = best_mean(board);
  View line;
  line["setting_title"] = group.setting->title;
  line["setting_page"] = setting_page(group.task->id, group.setting->id, group.tier);
  line["setting_tier"] = group.tier;
  line["setting_run"] = !board.empty();
  line["setting_ok"] = std::to_string(board.ok);
  line["setting_planned"] = std::to_string(board.planned);
  line["setting_failed"] = board.failed ? std::to_string(board.failed) + " failed" : "";
  line["setting_leaders"] = leaders(board);
  line["setting_best"] = best ? number(*best, decimals) : "";
  line["setting_baseline"] = baseline && baseline->score.n > 0 ? number(baseline->score.mean, decimals) : "";
  line["setting_command"] = run_command(group.task->id, group.setting->id, group.tier);
  return line;
}

View task_card(const SiteData& data, const Task& task) {
  Views lines;
  std::size_t ok = 0, planned = 0;  // of the settings that somebody has run; the others say so themselves
  for (const auto& setting : task.settings) {
    const auto* group = main_tier(data.tiers_of(task, setting));
    lines.push_back(setting_line(*group));
    ok += group->board.ok;
    planned += group->board.empty() ? 0 : group->board.planned;
  }
  std::size_t papers = 0;
  const auto methods = data.catalog.methods_of(task.id);
  for (const auto* method : methods) papers += method->role == Role::kPaper;
  const auto* baseline = data.catalog.method(task.id, task.baseline);
  View card;
  card["task_title"] = task.title;
  card["task_page"] = task_page(task.id);
  card["task_description"] = task.description;
  card["task_methods"] = count_text(methods.size(), "method", "methods");
  card["task_papers"] = std::to_string(papers);
  card["task_settings"] = count_text(task.settings.size(), "setting", "settings");
  card["task_ok"] = std::to_string(ok);
  card["task_planned"] = std::to_string(planned);
  card["task_metric"] = display_metric(task.ranking());
  card["task_baseline"] = baseline ? baseline->name : task.baseline;
  card["setting_lines"] = lines;
  return card;
}

}  // namespace

View home_view(const SiteData& data) {
  View view;
  frame(view, "", "Assay: leaderboards that can be repeated", {});
  Views tasks, environments;
  for (const auto& task : data.catalog.tasks) tasks.push_back(task_card(data, task));
  std::map<std::string, std::size_t> runs;
  std::size_t ok = 0;
  for (const auto& run : data.results) ++runs[run.environment], ok += run.ok();
  for (const auto& [id, environment] : data.environments) {
    if (!runs.contains(id)) continue;
    View item;
    item["environment_line"] = environment_line(environment);
    item["environment_id"] = id;
    item["environment_runs"] = count_text(runs[id], "run", "runs");
    item["environment_facts"] = facts(environment.body);
    environments.push_back(std::move(item));
  }
  view["tasks"] = tasks;
  view["environments"] = environments;
  view["has_environments"] = !environments.empty();
  view["total_runs"] = count_text(data.results.size(), "run", "runs");
  view["total_ok"] = std::to_string(ok);
  view["total_tasks"] = count_text(data.catalog.tasks.size(), "task", "tasks");
  view["total_methods"] = count_text(data.catalog.methods.size(), "method", "methods");
  return view;
}

}  // namespace assay
