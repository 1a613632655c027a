// Fetching the files of a data set that have an address: `bench data get`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "catalog/catalog.hpp"

namespace assay {

// What has arrived of one file, about ten times a second. False asks to stop; what has arrived is kept.
using DownloadProgress = std::function<bool(const DataFile& file, std::uint64_t arrived)>;

// The folder where `bench data get` puts a data set: <cache>/data/<id>/.
std::filesystem::path download_folder(const DataSet& dataset);

// Fetches one file into `folder`, or goes on with the part that an earlier call left (<name>.part). The file is checked
// against its declared size and checksum before it gets its name. DataError in one line for: no such host, no such
// page, a broken connection, other bytes than declared, an interruption; MachineError where the disk is full.
void download(const DataFile& file, const std::filesystem::path& folder, const DownloadProgress& progress);

// Fetches what is not sound on this machine yet and returns how many files that were. DataError, after all that can be
// fetched, where a file has no address: it says how to obtain it.
int download_missing(const DataSet& dataset, const DownloadProgress& progress);

}  // namespace assay
