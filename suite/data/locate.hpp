// Where the files of a data set are on this machine, and whether they are the declared ones.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"

namespace assay {

enum class FileState { kSound, kAbsent, kWrongSize, kWrongChecksum, kUnreadable };

struct LocatedFile {
  const DataFile* file = nullptr;
  FileState state = FileState::kAbsent;
  std::filesystem::path path;  // of the file found, even where it is not sound; of a folder without '/' at its end
  std::string found;           // for a file that is not sound: its size, its checksum, or the system's message
  std::string checksum;        // of a sound file: the declared one, or the one found where none is declared
};

struct LocatedData {
  const DataSet* dataset = nullptr;
  std::vector<LocatedFile> files;  // in the order of the declaration
  std::vector<std::filesystem::path> looked_in;

  bool available() const;      // every file is sound
  std::string reason() const;  // "" if available; else one line: what is missing or wrong, and where
  std::string remedy() const;  // "" if available; else the command that mends it: apt install, bench data get, ...
};

// Looks in <root>/<data set id>/, <root>/ and <root>/*/<data set id>/ for each root of $ASSAY_DATA (a ':' list), in the
// declared places, then in the cache that `bench data get` fills; the first sound file wins. Checksums are remembered by
// (path, size, time, inode) in <cache>/checksums.json, so that asking again costs a stat.
//
// A folder (a declared name with '/' at its end) counts as one file: its checksum is SHA-256 over the lines
// "<path in it> <sha256>\n" of all regular files below it, sorted by path, hidden ones left out; its size is the sum of
// theirs. A data set that is generated is available, and nothing is looked for.
LocatedData locate(const DataSet& dataset);

// Hashes every file anew, remembering nothing.
LocatedData verify(const DataSet& dataset);

// SHA-256 over the checksums of the files, in order: the data's part of a run key. A file without a declared checksum
// counts with the one that it has on this machine ("absent" where it is not there), so that other content is another
// key.
std::string data_digest(const DataSet& dataset);

}  // namespace assay
