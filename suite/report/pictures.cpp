#include "report/pictures.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/text.hpp"
#include "report/svg.hpp"
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

struct PixelSize {
  std::uint32_t width = 0, height = 0;
};

// From the header of a PNG file; nothing for other kinds.
std::optional<PixelSize> png_size(const std::string& bytes) {
  if (!bytes.starts_with("\x89PNG\r\n\x1a\n") || bytes.size() < 24) return std::nullopt;
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  return PixelSize{number(16), number(20)};
}

constexpr std::uint32_t kIcon = 56, kLeast = 128;

// As wide as an icon, or the smallest whole multiple of its own size that can be looked at.
PixelSize shown_size(const PixelSize& natural) {
  if (natural.width <= kIcon && natural.height <= kIcon) return {kIcon, kIcon};
  const auto times = std::max(1u, (kLeast + natural.width - 1) / natural.width);
  return {natural.width * times, natural.height * times};
}

// The pictures of a page as SVG. The bytes of each stand where it is shown first; further places refer to it, so that
// a photograph below the answers of seven methods is there once.
class Album {
 public:
  explicit Album(const SiteData& data) : data_(data) {}

  // The picture, upon another if `over` is not ""; "" where the store lacks it.
  std::string shown(const std::string& sha256, const std::string& over, const std::string& alternative) {
    const auto* top = find(sha256);
    if (!top) return "";
    const auto size = shown_size(top->size);
    const auto name = escape_markup(alternative);
    std::string svg = "<svg class=\"shot\" role=\"img\" aria-label=\"" + name + "\" width=\"" +
                      std::to_string(size.width) + "\" height=\"" + std::to_string(size.height) + "\" viewBox=\"0 0 " +
                      extent(top->size, " ") + "\"><title>" + name + "</title>";
    if (find(over)) svg += placed(over);
    return svg + placed(sha256) + "</svg>";
  }

 private:
  struct Shot {
    PixelSize size;
    std::string uri, id;  // id: of the element that holds it; "" as long as it stands nowhere
  };

  static std::string extent(const PixelSize& size, const std::string& between) {
    return std::to_string(size.width) + between + std::to_string(size.height);
  }

  const Shot* find(const std::string& sha256) {
    if (sha256.empty()) return nullptr;
    const auto known = shots_.find(sha256);
    if (known != shots_.end()) return &known->second;
    const auto picture = data_.ask([&](const Store& store) { return store.picture(sha256); });
    if (!picture || !picture->media_type.starts_with("image/")) return nullptr;
    const auto uri = "data:" + picture->media_type + ";base64," + base64_encode(picture->bytes);
    return &shots_.emplace(sha256, Shot{png_size(picture->bytes).value_or(PixelSize{kIcon, kIcon}), uri, ""})
                .first->second;
  }

  std::string placed(const std::string& sha256) {
    auto& shot = shots_.at(sha256);
    if (!shot.id.empty()) return "<use href=\"#" + shot.id + "\"/>";
    shot.id = "shot-" + std::to_string(++placed_);
    return "<image id=\"" + shot.id + "\" width=\"" + extent(shot.size, "\" height=\"") + "\" href=\"" + shot.uri +
           "\"/>";
  }

  const SiteData& data_;
  std::map<std::string, Shot> shots_;
  std::size_t placed_ = 0;
};

struct Verdict {
  const char *word, *symbol, *meaning;
};
constexpr std::array kVerdicts{Verdict{"right", "\u2713", "right"}, Verdict{"wrong", "\u2717", "wrong"},
                               Verdict{"memorised", "\u21ba", "memorised: the answer is the wrong label it was given"}};

const Verdict* verdict_of(const Json& cell) {
  const auto word = text_at(cell, "verdict");
  const auto found =
      std::find_if(kVerdicts.begin(), kVerdicts.end(), [&](const Verdict& verdict) { return word == verdict.word; });
  return found == kVerdicts.end() ? nullptr : &*found;
}

// What the symbols below the pictures mean: of those that occur.
std::string verdicts_text(const std::vector<Exhibited>& columns) {
  std::set<const Verdict*> seen;
  for (const auto& column : columns) {
    for (const auto& example : column.examples) seen.insert(verdict_of(example.value("answer", Json::object())));
  }
  std::vector<std::string> meanings;
  for (const auto& verdict : kVerdicts) {
    if (seen.contains(&verdict)) meanings.push_back(std::string(verdict.symbol) + " " + verdict.meaning);
  }
  return meanings.empty() ? "" : join(meanings, ", ") + ".";
}

// A cell has a list of pictures, or is itself the only one: then its title heads its column.
View picture_views(Album& album, const Json& cell, const std::string& what) {
  const bool many = cell.is_object() && cell.contains("pictures");
  Views views;
  for (const auto& picture : many ? cell["pictures"] : Json::array({cell})) {
    const auto title = many ? text_at(picture, "title") : "";
    const auto name = title.empty() ? what : what + ", " + title;
    View view;
    const auto svg = album.shown(text_at(picture, "picture"), text_at(picture, "over"), name);
    if (svg.empty()) continue;
    view["svg"] = svg;
    view["has_title"] = !title.empty();
    view["picture_title"] = title;
    views.push_back(std::move(view));
  }
  return views;
}

View cell_view(Album& album, const Json& cell, const std::string& what) {
  View view;
  const auto caption = text_at(cell, "caption");
  const auto* verdict = verdict_of(cell);
  view["pictures"] = picture_views(album, cell, caption.empty() ? what : what + ": " + caption);
  view["has_caption"] = !caption.empty();
  view["caption"] = caption;
  view["has_verdict"] = verdict != nullptr;
  view["verdict"] = verdict ? verdict->word : "";
  view["symbol"] = verdict ? verdict->symbol : "";
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
    if (!examples.is_array() || examples.empty()) continue;
    if (examples.size() > kExamples) examples.erase(examples.begin() + kExamples, examples.end());
    found.push_back({&standing, std::move(examples)});
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

View row_view(Album& album, const Json& example, const std::vector<Exhibited>& columns) {
  Views cells;
  for (const auto& shared : example.value("shared", Json::array())) {
    cells.push_back(cell_view(album, shared, text_at(shared, "title")));
  }
  for (const auto& column : columns) {
    const auto* same = example_of(column, text_at(example, "id"));
    cells.push_back(
        cell_view(album, same ? same->value("answer", Json::object()) : Json::object(), column.standing->method->name));
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
  Album album(data);
  Views heads, rows, legend;
  for (const auto& entry : board.task->legend) {
    View item;
    item["legend_colour"] = entry.colour;
    item["legend_meaning"] = entry.meaning;
    legend.push_back(std::move(item));
  }
  const auto& examples = columns.front().examples;
  for (const auto& shared : examples.front().value("shared", Json::array())) {
    heads.push_back(head_view(text_at(shared, "title"), ""));
  }
  for (const auto& column : columns) {
    heads.push_back(head_view(display_name(*column.standing->method, column.standing->label),
                              "../../" + run_page(run_of_seed(*column.standing, *seed)->key)));
  }
  for (const auto& example : examples) rows.push_back(row_view(album, example, columns));
  view["has_pictures"] = true;
  view["picture_seed"] = std::to_string(*seed);
  view["verdicts_text"] = verdicts_text(columns);
  view["has_legend"] = !legend.empty();
  view["legend"] = legend;
  view["picture_heads"] = heads;
  view["picture_rows"] = rows;
}

}  // namespace assay
