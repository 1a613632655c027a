#include "report/pictures.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "report/view_parts.hpp"

namespace assay {

namespace {

constexpr std::size_t kExamples = 8, kMethods = 7;

struct Exhibited {
  const Standing* standing;
  Json examples;
};

std::string text_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// "data:image/png;base64,..." or "" where the store lacks the picture.
std::string data_uri(const SiteData& data, const std::string& sha256) {
  if (sha256.empty()) return "";
  const auto picture = data.ask([&](const Store& store) { return store.picture(sha256); });
  if (!picture || !picture->media_type.starts_with("image/")) return "";
  return "data:" + picture->media_type + ";base64," + base64_encode(picture->bytes);
}

View cell_view(const SiteData& data, const Json& cell, const std::string& what) {
  View view;
  const auto uri = data_uri(data, text_at(cell, "picture"));
  const auto caption = text_at(cell, "caption"), verdict = text_at(cell, "verdict");
  view["has_picture"] = !uri.empty();
  view["uri"] = uri;
  view["alternative"] = caption.empty() ? what : what + ": " + caption;
  view["has_caption"] = !caption.empty();
  view["caption"] = caption;
  view["has_verdict"] = verdict == "right" || verdict == "wrong" || verdict == "memorised";
  view["verdict"] = verdict;
  view["symbol"] = verdict == "right" ? "\u2713" : verdict == "wrong" ? "\u2717" : "\u21ba";
  return view;
}

const Result* run_of_seed(const Standing& standing, std::int64_t seed) {
  const auto found =
      std::find_if(standing.ok.begin(), standing.ok.end(), [&](const Result* run) { return run->seed == seed; });
  return found == standing.ok.end() ? nullptr : *found;
}

// The best methods of the table and the baseline, as far as they have examples to show for the seed.
std::vector<Exhibited> exhibits(const SiteData& data, const Board& board, std::int64_t seed) {
  std::vector<Exhibited> found;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    const auto& standing = board.standings[i];
    const bool room = found.size() < kMethods - 1 || standing.label == board.task->baseline;
    const auto* run = room ? run_of_seed(standing, seed) : nullptr;
    if (!run) continue;
    auto examples = data.ask([&](const Store& store) { return store.exhibit(run->id); });
    if (examples.is_array() && !examples.empty()) found.push_back({&standing, std::move(examples)});
  }
  return found;
}

const Json* example_of(const Exhibited& exhibited, const std::string& id) {
  for (const auto& example : exhibited.examples) {
    if (text_at(example, "id") == id) return &example;
  }
  return nullptr;
}

View head_view(const std::string& text, const std::string& href) {
  View head;
  head["head_text"] = text;
  head["head_linked"] = !href.empty();
  head["head_href"] = href;
  return head;
}

View row_view(const SiteData& data, const Json& example, const std::vector<Exhibited>& columns) {
  Views cells;
  for (const auto& shared : example.value("shared", Json::array())) {
    cells.push_back(cell_view(data, shared, text_at(shared, "title")));
  }
  for (const auto& column : columns) {
    const auto* same = example_of(column, text_at(example, "id"));
    cells.push_back(
        cell_view(data, same ? same->value("answer", Json::object()) : Json::object(), column.standing->method->name));
  }
  View row;
  row["example"] = text_at(example, "id");
  row["picture_cells"] = cells;
  return row;
}

}  // namespace

void place_pictures(View& view, const SiteData& data, const Board& board) {
  view["has_pictures"] = false;
  const auto* dataset = data.catalog.dataset(board.setting->dataset);
  if (!dataset || !dataset->pictures_allowed || board.ranked == 0) return;
  std::optional<std::int64_t> seed;
  for (std::size_t i = 0; i < board.ranked; ++i) {
    for (const auto* run : board.standings[i].ok) seed = std::min(seed.value_or(run->seed), run->seed);
  }
  if (!seed) return;
  const auto columns = exhibits(data, board, *seed);
  if (columns.empty()) return;
  Views heads, rows;
  const auto& examples = columns.front().examples;
  for (const auto& shared : examples.front().value("shared", Json::array())) {
    heads.push_back(head_view(text_at(shared, "title"), ""));
  }
  for (const auto& column : columns) {
    heads.push_back(head_view(display_name(*column.standing->method, column.standing->label),
                              "../../" + run_page(run_of_seed(*column.standing, *seed)->key)));
  }
  for (const auto& example : examples) {
    if (rows.size() < kExamples) rows.push_back(row_view(data, example, columns));
  }
  view["has_pictures"] = true;
  view["picture_seed"] = std::to_string(*seed);
  view["picture_heads"] = heads;
  view["picture_rows"] = rows;
}

}  // namespace assay
