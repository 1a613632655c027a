// The static site: a function of the store and the declarations.
#pragma once

#include <cstddef>
#include <filesystem>

#include "catalog/catalog.hpp"
#include "store/store.hpp"

namespace assay {

struct SiteSummary {
  std::size_t pages = 0, written = 0;  // written: pages whose bytes were not already there
  double seconds = 0;
};

// Writes reports/site: index.html, pages of tasks, settings, methods and runs, assets. Templates and assets come from
// <catalog.root>/reports. Same store and declarations, same bytes. Pages no longer wanted are removed. MachineError
// where a page cannot be written.
SiteSummary write_site(const Catalog& catalog, const Store& store, const std::filesystem::path& folder);

}  // namespace assay
