// The picture strip of a setting: real examples, and what several methods answered.
#pragma once

#include "report/view.hpp"

namespace assay {

// Sets has_pictures and what the template places with it, from the runs' exhibits (learn/reporter.hpp). Nothing is shown
// of a data set whose licence does not allow pictures on a page.
void place_pictures(View& view, const SiteData& data, const Board& board);

}  // namespace assay
