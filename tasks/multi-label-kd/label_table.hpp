// The label table of a folder of images: labels.csv (RFC 4180), one row an image.
#pragma once

#include <filesystem>

#include "multi-label-kd/image_list.hpp"

namespace assay::multi_label {

// The first line is either `file,split,<class>,...`, with 1 (yes), 0 (no) or nothing (unknown) for each class in the
// rows below, or `file,split,labels`, with the names of an image's classes separated by ';' (the classes are those that
// occur, in alphabetical order). `file`: path within the folder, once. `split`: train, val or test; only val may have
// no rows. DataError with the line of the first fault.
ImageList read_label_table(const std::filesystem::path& folder);

}  // namespace assay::multi_label
