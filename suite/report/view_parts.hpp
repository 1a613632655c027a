// Pieces that several views share.
#pragma once

#include "report/format.hpp"
#include "report/view.hpp"

namespace assay {

struct Crumb {
  std::string href, text;
};
// What the frame of every page needs. `root` is the way back to index.html's folder: "" or "../../".
void frame(View& view, const std::string& root, const std::string& title, const std::vector<Crumb>& crumbs);

std::string display_name(const Method& method, const std::string& label);  // "SAM [rho=0.1]"
std::string display_metric(const Metric& metric);                          // "Accuracy (%)"
std::string direction_text(const Metric& metric);                          // "higher is better"
View role_badges(const Method& method);
View run_link(const Result& run);  // seed, page, ok or what failed
View run_links(const Standing& standing);
View facts(const Json& object);  // name and value pairs of an object's scalars, nested ones compactly
View data_card(const DataSet* dataset);
std::string status_text(const Standing& standing);
Views flag_texts(const Standing& standing, const Board& board);
std::string count_text(std::size_t count, const std::string& one, const std::string& many);

std::optional<double> best_mean(const Board& board);  // of ranked methods
// "70.1 to 72.3, n = 3", or "…, 12 examples" where the interval is over these.
std::string interval_under(const Standing& standing, const Metric& metric);

// The classes of a board's lines and points: colours for the best, the rest muted.
std::string series_class(const Board& board, std::size_t index);
IntervalRow standing_row(const Board& board, const Standing& standing, std::size_t index);
RowScale board_scale(const Board& board);

}  // namespace assay
