#include "report/view_parts.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace assay {

void frame(View& view, const std::string& root, const std::string& title, const std::vector<Crumb>& crumbs) {
  view["root"] = root;
  view["page_title"] = title;
  Views list;
  for (const auto& crumb : crumbs) {
    View item;
    item["crumb_href"] = root + crumb.href;
    item["crumb_text"] = crumb.text;
    list.push_back(std::move(item));
  }
  view["crumbs"] = list;
}

std::string display_name(const Method& method, const std::string& label) {
  const auto bracket = label.find('[');
  return bracket == std::string::npos ? method.name : method.name + " " + label.substr(bracket);
}

std::string display_metric(const Metric& metric) {
  return metric.unit.empty() ? metric.title : metric.title + " (" + metric.unit + ")";
}

std::string direction_text(const Metric& metric) {
  return metric.direction == Direction::kHigher ? "higher is better" : "lower is better";
}

View role_badges(const Method& method) {
  Views badges;
  const auto add = [&](const std::string& css, const std::string& text, const std::string& meaning) {
    View badge;
    badge["badge_class"] = css;
    badge["badge_text"] = text;
    badge["badge_meaning"] = meaning;
    badges.push_back(std::move(badge));
  };
  if (method.role == Role::kPaper) {
    add("paper", method.paper ? std::to_string(method.paper->year) : "paper", "method of a paper");
  } else {
    add(to_string(method.role), to_string(method.role),
        method.role == Role::kBaseline ? "established baseline" : "never ranked");
  }
  for (const auto& what : method.privileged) {
    auto words = what;
    std::replace(words.begin(), words.end(), '_', ' ');
    add("privileged", "uses " + words, "sees information that the protocol does not give to others");
  }
  return badges;
}

View run_link(const Result& run) {
  View link;
  link["run_page"] = run_page(run.key);
  link["run_seed"] = std::to_string(run.seed);
  link["run_failed"] = !run.ok();
  link["run_failure"] = run.failure;
  return link;
}

View run_links(const Standing& standing) {
  std::vector<const Result*> runs = standing.ok;
  runs.insert(runs.end(), standing.failed.begin(), standing.failed.end());
  std::sort(runs.begin(), runs.end(), [](const Result* a, const Result* b) { return a->seed < b->seed; });
  Views links;
  for (const auto* run : runs) links.push_back(run_link(*run));
  return links;
}

View facts(const Json& object) {
  Views list;
  if (!object.is_object()) return list;
  for (const auto& [name, value] : object.items()) {
    View fact;
    fact["fact_name"] = name;
    fact["fact_value"] = plain(value);
    list.push_back(std::move(fact));
  }
  return list;
}

View data_card(const DataSet* dataset) {
  View card;
  card["data_title"] = dataset ? dataset->title : "unknown";
  card["data_licence"] = dataset ? dataset->licence : "";
  card["data_citation"] = dataset ? dataset->citation : "";
  card["data_homepage"] = dataset ? dataset->homepage : "";
  return card;
}

std::string count_text(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string status_text(const Standing& standing) {
  if (!standing.has_run()) return "no run yet";
  std::map<std::string, std::size_t> classes;
  for (const auto* run : standing.failed) ++classes[run->failure];
  std::vector<std::string> parts;
  for (const auto& [failure, runs] : classes) parts.push_back(std::to_string(runs) + "\u00d7 " + failure);
  if (standing.imputed()) parts.push_back("counted at the floor");
  const auto missing = standing.planned - standing.ok.size() - standing.failed.size();
  if (missing) parts.push_back(count_text(missing, "seed", "seeds") + " not run");
  return parts.empty() ? "ok" : join(parts, ", ");
}

Views flag_texts(const Standing& standing, const Board& board) {
  Views flags;
  for (const auto& flag : standing.flags) {
    const auto seeds = "in " + count_text(flag.seeds, "seed", "seeds");
    std::string text;
    switch (flag.oddity) {
      case Oddity::kAtFloor: {
        const auto* floor = board.standing(board.task->floor);
        text = "no better than " + (floor ? floor->method->name : board.task->floor) + " " + seeds;
        break;
      }
      case Oddity::kConstantAnswers:
        text = "one answer to everything " + seeds;
        break;
      case Oddity::kNoSpread:
        text = "no spread over " + count_text(flag.seeds, "seed", "seeds");
        break;
      case Oddity::kSameAsOther:
        text = "same bits as " + flag.other + " " + seeds;
        break;
    }
    flags.push_back(text);
  }
  return flags;
}

std::string series_class(const Board& board, std::size_t index) {
  constexpr std::size_t kColours = 7;
  const auto& standing = board.standings[index];
  if (standing.reference) return "reference";
  if (standing.label == board.task->baseline) return "baseline";
  std::size_t place = 0;
  for (std::size_t i = 0; i < index; ++i) place += board.standings[i].label != board.task->baseline;
  return place < kColours ? "s" + std::to_string(place) : "muted";
}

IntervalRow standing_row(const Board& board, const Standing& standing, std::size_t index) {
  const Metric& metric = *board.metric;
  IntervalRow row;
  row.css_class = series_class(board, index);
  row.mean = standing.score.mean;
  row.interval = standing.score.interval;
  row.title = display_name(*standing.method, standing.label) + ": mean " + number(row.mean, metric.decimals);
  if (row.interval) row.title += ", 95 % interval " + interval_text(*row.interval, metric.decimals);
  for (const auto& seed : standing.scores) {
    row.dots.push_back({seed.score, seed.imputed,
                        "seed " + std::to_string(seed.seed) + ": " + number(seed.score, metric.decimals) +
                            (seed.imputed ? " (failed; the floor's score)" : "")});
  }
  const auto* baseline = board.standing(board.task->baseline);
  if (baseline && baseline->score.n > 0) row.reference = baseline->score.mean;
  return row;
}

std::optional<double> best_mean(const Board& board) {
  std::optional<double> best;
  const double sign = board.metric->direction == Direction::kHigher ? 1 : -1;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    const double mean = board.standings[i].score.mean;
    if (!best || sign * mean > sign * *best) best = mean;
  }
  return best;
}

std::string interval_under(const Standing& standing, const Metric& metric) {
  const auto over = standing.examples ? count_text(standing.examples, "example", "examples")
                                      : "n = " + std::to_string(standing.score.n);
  const auto& interval = standing.score.interval;
  return interval ? interval_text(*interval, metric.decimals) + ", " + over : over;
}

RowScale board_scale(const Board& board) {
  std::vector<double> means, reach;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    means.push_back(board.standings[i].score.mean);
    for (const auto& seed : board.standings[i].scores) reach.push_back(seed.score);
    if (board.standings[i].examples == 0) continue;  // over two or three seeds an interval can dwarf what it is about
    reach.push_back(board.standings[i].score.interval->low);
    reach.push_back(board.standings[i].score.interval->high);
  }
  return row_scale(means, reach, board.metric->decimals);
}

}  // namespace assay
