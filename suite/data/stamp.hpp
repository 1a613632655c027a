// What tells cheaply that a file has not changed: size, time of the last change and inode.
#pragma once

#include <filesystem>
#include <string>

namespace assay {

std::string stamp_of(const std::filesystem::path& file);  // "" where there is no such file

}  // namespace assay
