#include <algorithm>

#include "core/text.hpp"
#include "report/view_parts.hpp"

namespace assay {

namespace {

Views texts(const std::vector<std::string>& lines) {
  Views list;
  for (const auto& line : lines) list.push_back(line);
  return list;
}

void place_paper(View& view, const Method& method) {
  view["has_paper"] = method.paper.has_value();
  if (!method.paper) return;
  const auto& paper = *method.paper;
  view["paper_title"] = paper.title;
  view["paper_authors"] = join(paper.authors, ", ");
  view["paper_venue"] = paper.venue + " " + std::to_string(paper.year);
  view["paper_linked"] = paper.url.starts_with("https://") || paper.url.starts_with("http://");
  view["paper_url"] = paper.url;
  view["paper_bibtex"] = paper.bibtex;
}

std::string default_text(const Parameter& parameter) {
  std::string text = plain(parameter.fallback);
  for (const auto& [tier, value] : parameter.per_tier) text += "; " + tier + ": " + plain(value);
  return text;
}

View parameter_rows(const Method& method) {
  Views rows;
  for (const auto& parameter : method.parameters) {
    View row;
    row["parameter"] = parameter.name;
    const auto where = parameter.protocols.empty() ? "" : " (protocol " + join(parameter.protocols, ", ") + " only)";
    row["meaning"] = parameter.meaning + where;
    row["ours"] = default_text(parameter);
    row["has_published"] = !parameter.published.empty();
    row["published"] = parameter.published;
    row["why"] = parameter.why;
    rows.push_back(std::move(row));
  }
  return rows;
}

View result_row(const Group& group, const Standing& standing) {
  const Metric& metric = group.task->ranking();
  View row;
  row["setting_title"] = group.setting->title;
  row["setting_page"] = setting_page(group.task->id, group.setting->id, group.tier);
  row["setting_tier"] = group.tier;
  row["label"] = standing.label;
  row["rank"] = standing.rank ? rank_text(*standing.rank) : "\u2013";
  row["ranked_of"] = standing.rank ? " of " + std::to_string(group.board.ranked) : "";
  row["has_score"] = standing.score.n > 0;
  row["mean"] = number(standing.score.mean, metric.decimals);
  row["interval"] = interval_under(standing, metric);
  row["has_difference"] = standing.to_baseline.has_value();
  row["difference"] = standing.to_baseline ? signed_number(standing.to_baseline->difference, metric.decimals) : "";
  row["difference_interval"] = standing.to_baseline && standing.to_baseline->interval
                                   ? signed_interval(*standing.to_baseline->interval, metric.decimals)
                                   : "";
  row["runs"] = run_links(standing);
  row["status"] = status_text(standing);
  row["has_failed"] = !standing.failed.empty();
  row["flags"] = flag_texts(standing, group.board);
  return row;
}

View result_rows(const std::vector<const Group*>& groups, const Method& method) {
  Views rows;
  for (const auto* group : groups) {
    for (const auto& standing : group->board.standings) {
      if (standing.method == &method && standing.has_run()) rows.push_back(result_row(*group, standing));
    }
  }
  return rows;
}

// A claim was tested where both of its methods ran in its setting: the tier that stands for the setting, and its board
// that the claim's metric ranks, if there is one.
void place_measured(View& row, const SiteData& data, const Task& task, const Claim& claim) {
  row["measured"] = false;
  const auto* setting = task.setting(claim.setting);
  const auto* metric = task.metric(claim.metric);
  if (!setting || !metric) return;
  const auto* group = main_tier(data.tiers_of(task, *setting));
  const auto& board = group->ranked_by(claim.metric);
  const auto *method = board.standing(claim.method), *against = board.standing(claim.against);
  if (!method || !against) return;
  const auto difference = board.difference(*method, *against, claim.metric);
  if (difference.n == 0) return;
  row["measured"] = true;
  row["measured_difference"] = signed_number(difference.difference, metric->decimals);
  row["measured_has_interval"] = difference.interval.has_value();
  row["measured_interval"] = difference.interval ? signed_interval(*difference.interval, metric->decimals) : "";
  row["measured_over"] = difference.examples ? count_text(difference.examples, "example", "examples")
                                             : count_text(difference.n, "seed", "seeds");
  row["measured_page"] = setting_page(task.id, setting->id, group->tier, board.view ? board.view->id : "");
  row["measured_tier"] = group->tier;
}

View claim_rows(const SiteData& data, const Task& task, const Method& method) {
  Views rows;
  for (const auto& claim : method.claims) {
    const auto* setting = task.setting(claim.setting);
    const auto* metric = task.metric(claim.metric);
    View row;
    row["says"] = claim.says;
    row["source"] = claim.source;
    row["claim_setting"] = setting ? setting->title : claim.setting;
    row["claim_metric"] = metric ? display_metric(*metric) : claim.metric;
    row["claim_method"] = claim.method;
    row["claim_against"] = claim.against;
    row["claim_direction"] = claim.direction == Direction::kHigher ? "higher" : "lower";
    row["has_reported"] = claim.reported_method && claim.reported_against;
    if (claim.reported_method && claim.reported_against) {
      row["reported_method"] = shortest(*claim.reported_method);
      row["reported_against"] = shortest(*claim.reported_against);
      row["reported_difference"] =
          signed_number(*claim.reported_method - *claim.reported_against, metric ? metric->decimals : 2);
    }
    place_measured(row, data, task, claim);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

View method_view(const SiteData& data, const Method& method) {
  const Task& task = *data.catalog.task(method.task);
  View view;
  frame(view, "../../", method.name + " \u00b7 " + task.title,
        {{"index.html", "Assay"}, {task_page(task.id), task.title}});
  view["title"] = method.name;
  view["id"] = method.id;
  view["summary"] = method.summary;
  view["badges"] = role_badges(method);
  place_paper(view, method);
  view["parameter_rows"] = parameter_rows(method);
  view["differences"] = texts(method.differences);
  view["reconstructed"] = texts(method.reconstructed);
  view["claims"] = claim_rows(data, task, method);
  view["has_claims"] = !method.claims.empty();
  auto rows = result_rows(data.groups_of(task.id), method);
  view["has_results"] = rows.is_non_empty_list();
  view["result_rows"] = std::move(rows);
  view["score_title"] = display_metric(task.ranking());
  const auto* baseline = data.catalog.method(task.id, task.baseline);
  view["baseline_name"] = baseline ? baseline->name : task.baseline;
  view["source_file"] = "baselines/" + task.id + "/" + method.id + ".cpp";
  view["card_file"] = "baselines/" + task.id + "/" + method.id + ".json";
  view["run_command"] = "./ci/bench run -t " + task.id + " -m " + shell_quoted(method.id);
  return view;
}

}  // namespace assay
