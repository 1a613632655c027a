// The pictures of a run: what was asked in each query, known and unknown marked.
#pragma once

#include "core/strict_json.hpp"
#include "learn/reporter.hpp"
#include "open-set-al/pool.hpp"

namespace assay::open_set_al {

// One sheet: a row per query with its first images in the order of the method's selection, each framed by what it turned
// out to be. Colours: the task's legend. At least one query.
Json exhibit_of(const Pool& pool, const std::vector<Ids>& queries, Reporter& reporter);

}  // namespace assay::open_set_al
