// Compressed files and tar archives, read whole into memory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace assay {

// The content of a file, inflated if it is gzip. DataError for a damaged or truncated file.
std::string read_gzip(const std::filesystem::path& file);

// The regular files of a ustar archive by name. The views point into `tar`. DataError, naming `shown_as`, where it ends
// early.
std::map<std::string, std::string_view> tar_members(std::string_view tar, const std::filesystem::path& shown_as);

}  // namespace assay
