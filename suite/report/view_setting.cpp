#include <algorithm>
#include <cmath>
#include <limits>

#include "core/text.hpp"
#include "report/pictures.hpp"
#include "report/view_parts.hpp"

namespace assay {

namespace {

const char* const kRoot = "../../";

// A view says what it shows. The main table has at most three other metrics and one diagnostic one: it has to be read.
// All of them are on the run pages. Once there are runs, metrics that none of them has are left out.
std::vector<const Metric*> shown_metrics(const Board& board) {
  std::vector<const Metric*> shown;
  if (board.view) {
    for (const auto& name : board.view->shows) shown.push_back(board.task->metric(name));
    return shown;
  }
  const bool any = board.ok > 0;
  const auto has_value = [&](const Metric& metric) {
    return std::any_of(board.standings.begin(), board.standings.end(),
                       [&](const Standing& standing) { return standing.metrics.contains(metric.name); });
  };
  std::size_t usual = 0, diagnostic = 0;
  for (const auto& metric : board.task->metrics) {
    if (metric.ranks || (any && !has_value(metric))) continue;  // another protocol's
    if (metric.diagnostic ? diagnostic++ < 1 : usual++ < 3) shown.push_back(&metric);
  }
  std::stable_partition(shown.begin(), shown.end(), [](const Metric* metric) { return !metric->diagnostic; });
  return shown;
}

View metric_heads(const std::vector<const Metric*>& metrics) {
  Views heads;
  for (const auto* metric : metrics) {
    View head;
    head["metric_title"] = display_metric(*metric);
    head["metric_meaning"] = metric->meaning + " (" + direction_text(*metric) + ")";
    head["metric_diagnostic"] = metric->diagnostic;
    heads.push_back(std::move(head));
  }
  return heads;
}

View metric_cells(const Standing& standing, const std::vector<const Metric*>& metrics) {
  Views cells;
  for (const auto* metric : metrics) {
    View cell;
    const auto found = standing.metrics.find(metric->name);
    cell["cell_diagnostic"] = metric->diagnostic;
    cell["cell_has"] = found != standing.metrics.end();
    cell["cell_value"] = found == standing.metrics.end() ? "" : number(found->second.mean, metric->decimals);
    cell["cell_raw"] = found == standing.metrics.end() ? "" : shortest(found->second.mean);
    cells.push_back(std::move(cell));
  }
  return cells;
}

View standing_view(const Board& board, std::size_t index, const std::vector<const Metric*>& metrics,
                   const RowScale& scale) {
  const auto& standing = board.standings[index];
  const Metric& metric = *board.metric;
  View row;
  row["row_class"] = standing.label == board.task->baseline ? "is-baseline" : standing.reference ? "is-reference" : "";
  row["is_named_baseline"] = standing.label == board.task->baseline;
  row["name"] = display_name(*standing.method, standing.label);
  row["label"] = standing.label;
  row["method_page"] = method_page(board.task->id, standing.method->id);
  row["badges"] = role_badges(*standing.method);
  row["has_rank"] = standing.rank.has_value();
  row["rank"] = standing.rank ? rank_text(*standing.rank) : "";
  row["rank_raw"] = standing.rank ? std::to_string(index) : "";
  row["has_score"] = standing.score.n > 0;
  if (standing.score.n > 0) {
    row["mean"] = number(standing.score.mean, metric.decimals);
    row["mean_raw"] = shortest(standing.score.mean);
    row["plot"] = interval_row(standing_row(board, standing, index), scale);
  }
  row["interval"] = interval_under(standing, metric);
  const auto& difference = standing.to_baseline;
  row["has_difference"] = difference.has_value();
  row["difference"] = difference ? signed_number(difference->difference, metric.decimals) : "";
  row["difference_raw"] = difference ? shortest(difference->difference) : "";
  row["has_difference_interval"] = difference && difference->interval;
  row["difference_interval"] =
      difference && difference->interval ? signed_interval(*difference->interval, metric.decimals) : "";
  row["covered"] = std::to_string(standing.ok.size());
  row["planned"] = std::to_string(standing.planned);
  row["incomplete"] = standing.ok.size() < standing.planned;
  row["cells"] = metric_cells(standing, metrics);
  row["has_seconds"] = standing.seconds.n > 0;
  row["seconds"] = duration(standing.seconds.mean);
  row["seconds_raw"] = shortest(standing.seconds.mean);
  row["runs"] = run_links(standing);
  row["status"] = status_text(standing);
  row["has_failed"] = !standing.failed.empty();
  row["has_run_here"] = standing.has_run();
  row["flags"] = flag_texts(standing, board);
  row["command"] = run_command(board.task->id, board.setting->id, board.tier) + " -m " + shell_quoted(standing.label);
  return row;
}

// One line for a curve of a method: mean, lowest and highest over its ok seeds.
CurveSeries curve_series(const SiteData& data, const Standing& standing, const std::string& curve) {
  CurveSeries series;
  const auto named = data.curves.find(curve);
  if (named == data.curves.end()) return series;
  std::vector<std::size_t> counts;
  for (const auto* run : standing.ok) {
    const auto values = named->second.find(run->id);
    if (values == named->second.end()) continue;
    if (series.mean.size() < values->second.size()) {
      series.mean.resize(values->second.size(), 0);
      series.low.resize(values->second.size(), std::numeric_limits<double>::infinity());
      series.high.resize(values->second.size(), -std::numeric_limits<double>::infinity());
      counts.resize(values->second.size(), 0);
    }
    for (std::size_t i = 0; i < values->second.size(); ++i) {
      const double value = values->second[i];
      if (!std::isfinite(value)) continue;
      series.mean[i] += value;
      series.low[i] = std::min(series.low[i], value);
      series.high[i] = std::max(series.high[i], value);
      ++counts[i];
    }
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    series.mean[i] =
        counts[i] ? series.mean[i] / static_cast<double>(counts[i]) : std::numeric_limits<double>::quiet_NaN();
  }
  return series;
}

std::string with_unit(const std::string& title, const std::string& unit) {
  return unit.empty() ? title : title + " (" + unit + ")";
}

View curve_plots(const SiteData& data, const Board& board) {
  Views plots;
  const auto& axis = board.task->progress_of(board.setting);
  for (const auto& curve : board.task->curves) {
    std::vector<CurveSeries> series;
    for (std::size_t i = 0; i < board.standings.size(); ++i) {
      const auto& standing = board.standings[i];
      if (standing.reference) continue;
      auto one = curve_series(data, standing, curve.name);
      if (one.mean.empty()) continue;
      one.label = display_name(*standing.method, standing.label);
      one.css_class = series_class(board, i);
      series.push_back(std::move(one));
    }
    if (series.empty()) continue;
    View plot;
    plot["plot_title"] = curve.title;
    plot["first"] = plots.empty();
    plot["svg"] = curves_plot(curve.title + " over " + axis.title, {axis.title, axis.from},
                              with_unit(curve.title, curve.unit), series);
    plots.push_back(std::move(plot));
  }
  return plots;
}

// How the table and the plot call what a run costs.
struct CostWords {
  std::string title, meaning, axis;
};
CostWords cost_words(const Task& task) {
  if (task.cost.empty()) return {"Run time", "Wall time of a run, mean over seeds", "seconds a run"};
  const auto& metric = *task.metric(task.cost);
  return {metric.title, metric.meaning + " Mean over seeds.", metric.title + ", seconds"};
}

std::string cost_svg(const Board& board) {
  const Metric& metric = *board.metric;
  std::vector<CostPoint> points;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    const auto& standing = board.standings[i];
    if (standing.ok.empty() || standing.score.n == 0) continue;
    const auto name = display_name(*standing.method, standing.label);
    points.push_back(
        {name, series_class(board, i),
         name + ": " + number(standing.score.mean, metric.decimals) + " in " + duration(standing.seconds.mean),
         standing.seconds.mean, standing.score.mean, standing.score.interval});
  }
  if (points.empty()) return "";
  const auto axis = cost_words(*board.task).axis;
  return cost_plot(metric.title + " against " + axis, axis, display_metric(metric), points);
}

View selection_views(const Board& board) {
  Views effects;
  for (const auto& effect : board.selection) {
    View view;
    view["selection_metric"] = effect.metric->title;
    view["swapped"] = std::to_string(effect.swapped);
    view["pairs"] = std::to_string(effect.pairs);
    view["leader_changes"] = effect.leader != effect.usual_leader;
    view["leader"] = effect.leader;
    view["usual_leader"] = effect.usual_leader;
    effects.push_back(std::move(view));
  }
  return effects;
}

std::string page_of(const Board& board) {
  return setting_page(board.task->id, board.setting->id, board.tier, board.view ? board.view->id : "");
}

// The same leaderboard at the setting's other tiers.
View tier_links(const SiteData& data, const Group& shown, const BoardView* view) {
  Views tiers;
  for (const auto* group : data.tiers_of(*shown.task, *shown.setting)) {
    View tier;
    tier["tier_name"] = group->tier;
    tier["tier_page"] = setting_page(group->task->id, group->setting->id, group->tier, view ? view->id : "");
    tier["tier_shown"] = group == &shown;
    tier["tier_runs"] = std::to_string(group->rows.size());
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

// The leaderboards of the same runs: the main one goes by its score's name.
View board_links(const Group& group, const Board& shown) {
  Views links;
  const auto add = [&](const Board& board) {
    View link;
    link["board_title"] = board.view ? board.view->title : board.metric->title;
    link["board_score"] = board.view ? "by " + board.metric->title : "";
    link["board_page"] = page_of(board);
    link["board_shown"] = &board == &shown;
    links.push_back(std::move(link));
  };
  add(group.board);
  for (const auto& board : group.views) add(board);
  return links;
}

View other_environments(const SiteData& data, const Board& board) {
  Views others;
  for (const auto& other : board.others) {
    View view;
    view["other_line"] = environment_line(data.environment(other.id));
    view["other_id"] = other.id;
    view["other_ok"] = std::to_string(other.ok);
    view["other_failed"] = std::to_string(other.failed);
    others.push_back(std::move(view));
  }
  return others;
}

void place_rows(View& view, const Board& board) {
  const auto metrics = shown_metrics(board);
  const auto scale = board_scale(board);
  Views ranked, unscored, references;
  for (std::size_t i = 0; i < board.standings.size(); ++i) {
    auto& section = board.standings[i].reference ? references : i < board.ranked ? ranked : unscored;
    section.push_back(standing_view(board, i, metrics, scale));
  }
  view["metric_heads"] = metric_heads(metrics);
  const auto cost = cost_words(*board.task);
  view["cost_title"] = cost.title;
  view["cost_meaning"] = cost.meaning;
  view["axis"] = interval_axis(scale, "axis of " + display_metric(*board.metric));
  view["has_references"] = !references.empty();
  view["has_unscored"] = !unscored.empty();
  view["ranked_rows"] = ranked;
  view["unscored_rows"] = unscored;
  view["reference_rows"] = references;
  view["columns"] = std::to_string(8 + metrics.size());
}

std::size_t most_seeds(const Board& board) {
  std::size_t seeds = 0;
  for (std::size_t i = 0; i < board.ranked; ++i) seeds = std::max(seeds, board.standings[i].scores.size());
  return seeds;
}

// What was tested, and what difference it takes.
std::string tests_text(const Board& board) {
  const auto& tests = board.tests;
  const auto seeds = most_seeds(board);
  if (!tests.smallest) {
    return (seeds > 1 ? "No pair could be tested" : "One seed gives no test") +
           std::string(": all methods share one rank range.");
  }
  const auto basis =
      tests.by_seeds ? count_text(seeds, "seed", "seeds") : count_text(tests.examples, "test example", "test examples");
  const auto unit = board.metric->unit == "%" ? "points" : board.metric->unit;
  const auto some = tests.tested() < tests.all ? std::to_string(tests.tested()) + " of " : "";
  return count_text(board.ranked, "method", "methods") + " on " + basis + ": " + some + std::to_string(tests.all) +
         " pairs tested, Holm-corrected; a difference below about " + number(*tests.smallest, board.metric->decimals) +
         (unit.empty() ? "" : " " + unit) + " could not have been told apart.";
}

// Which noise the tests count.
std::string noise_text(const TestedPairs& tests) {
  if (tests.tested() == 0) return "";
  const auto examples = "the noise of the test set (" + count_text(tests.examples, "example", "examples") + ")";
  if (tests.by_examples == tests.all)
    return "Nothing in these methods is random: the tests count " + examples + " only.";
  const auto share = " (" + std::to_string(tests.by_examples) + " of " + std::to_string(tests.all) + ")";
  if (tests.by_seeds == 0) {
    return "Only pairs of methods in which nothing is random" + share + " could be tested: they count " + examples +
           " alone.";
  }
  const std::string usual = tests.counts_examples
                                ? "The tests count both the noise of training (seeds) and of the test set (examples)."
                                : "The tests count the noise of training (seeds) only: this setting's stored "
                                  "predictions do not give the score.";
  if (tests.by_examples == 0) return usual;
  return usual + " Those of pairs in which nothing is random" + share + " count " + examples + " alone.";
}

// Over what the intervals of single methods are.
void place_intervals(View& view, const Board& board) {
  const auto counted = [&](auto&& which) {
    return std::count_if(board.standings.begin(), board.standings.end(), which);
  };
  const auto by_examples = counted([](const Standing& one) { return one.examples > 0; });
  const auto by_seeds = counted([](const Standing& one) { return one.examples == 0 && one.score.interval; });
  view["interval_head"] = by_examples == 0 ? "95 % interval, seeds"
                          : by_seeds == 0  ? "95 % interval, examples"
                                           : "95 % interval";
  view["interval_over"] = by_examples == 0 ? ""
                          : by_seeds == 0  ? " over test examples"
                                           : " over seeds, or over test examples where nothing in the method is random";
  view["pairing"] = board.tests.by_examples == 0 ? "Paired over seeds"
                    : board.tests.by_seeds == 0  ? "Paired over test examples"
                                                 : "Paired over seeds and test examples";
}

// "Ceiling: Second annotator 0.98; floor: All background 0.00; the best method reaches 0.72."
std::string reach_text(const Board& board) {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& what, const std::string& label) {
    const auto* standing = label.empty() ? nullptr : board.standing(label);
    if (standing && standing->score.n > 0) {
      parts.push_back(what + ": " + standing->method->name + " " + measured(standing->score.mean, *board.metric));
    }
  };
  add("ceiling", board.task->ceiling);
  add("floor", board.task->floor);
  if (const auto best = best_mean(board)) parts.push_back("the best method reaches " + measured(*best, *board.metric));
  auto text = join(parts, "; ");
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

}  // namespace

View setting_view(const SiteData& data, const Group& group, const Board& board) {
  const Task& task = *group.task;
  const Setting& setting = *group.setting;
  const auto title = setting.title + (board.view ? " \u00b7 " + board.view->title : "");
  std::vector<Crumb> crumbs{{"index.html", "Assay"}, {task_page(task.id), task.title}};
  if (board.view) crumbs.push_back({setting_page(task.id, setting.id, group.tier), setting.title});
  View view;
  frame(view, kRoot, title + " (" + group.tier + ") \u00b7 " + task.title, crumbs);
  view["title"] = title;
  view["summary"] = setting.summary;
  view["tier"] = group.tier;
  view["tiers"] = tier_links(data, group, board.view);
  view["boards"] = board_links(group, board);
  view["has_views"] = !task.views.empty();
  view["has_view_summary"] = board.view != nullptr;
  view["view_summary"] = board.view ? board.view->summary : "";
  view["has_run"] = !board.empty();
  view["run_command"] = run_command(task.id, setting.id, group.tier);
  view["score_title"] = display_metric(*board.metric);
  view["score_direction"] = direction_text(*board.metric);
  view["score_meaning"] = board.metric->meaning;
  const auto* baseline = data.catalog.method(task.id, task.baseline);
  const auto* floor = data.catalog.method(task.id, task.floor);
  view["baseline_name"] = baseline ? baseline->name : task.baseline;
  view["floor_name"] = floor ? floor->name : task.floor;
  view["coverage_ok"] = std::to_string(board.ok);
  view["coverage_planned"] = std::to_string(board.planned);
  view["has_failures"] = board.failed > 0;
  view["coverage_failed"] = std::to_string(board.failed);
  view["has_undeclared"] = board.undeclared > 0;
  view["undeclared"] = count_text(board.undeclared, "result", "results");
  view["environment_line"] = environment_line(data.environment(board.environment));
  view["environment_id"] = board.environment;
  view["others"] = other_environments(data, board);
  view["setting_facts"] = facts(setting.parameters);
  view["budget_facts"] = facts(setting.tiers.at(group.tier).budget);
  view["data"] = data_card(data.catalog.dataset(setting.dataset));
  place_rows(view, board);
  view["tests_text"] = tests_text(board);
  view["noise_text"] = noise_text(board.tests);
  const auto reach = reach_text(board);
  view["has_reach"] = !reach.empty();
  view["reach_text"] = reach;
  place_intervals(view, board);
  view["selection"] = selection_views(board);
  view["has_selection"] = !board.selection.empty();
  view["has_curves"] = !task.curves.empty();
  view["curve_plots"] = curve_plots(data, board);
  const auto cost = cost_svg(board);
  view["has_cost"] = !cost.empty();
  view["cost_svg"] = cost;
  place_pictures(view, data, board);
  return view;
}

}  // namespace assay
