// What no declaration shows by itself: names that must exist in others, and protocols that must match.
#pragma once

#include "catalog/catalog.hpp"

namespace assay {

// DeclarationError at the first fault.
void check_task(const Catalog& catalog, const Task& task);
void check_method(const Catalog& catalog, const Method& method);

}  // namespace assay
