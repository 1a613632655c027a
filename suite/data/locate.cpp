#include "data/locate.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/strict_json.hpp"
#include "core/text.hpp"
#include "data/stamp.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

// Checksums by path, each with the stamp that the file had when it was hashed.
class Checksums {
 public:
  Checksums() : file_(cache_folder() / "checksums.json"), known_(read()) {}

  std::string of(const fs::path& path) {
    const auto stamp = stamp_of(path);
    const auto found = known_.find(path.string());
    if (found != known_.end() && found->value("stamp", "") == stamp) return found->value("sha256", "");
    const auto checksum = sha256_file(path);
    fresh_[path.string()] = {{"stamp", stamp}, {"sha256", checksum}};
    return checksum;
  }

  // Merges what is new into the file, which another process may have changed since it was read.
  void remember() const {
    if (fresh_.empty()) return;
    try {
      std::error_code failed;  // shows when the lock cannot be made
      fs::create_directories(file_.parent_path(), failed);
      const FileLock lock(file_.string() + ".lock");
      Json all = read();
      all.update(fresh_);
      write_file(file_, all.dump(1));
    } catch (const MachineError&) {  // a read-only or full cache costs time, not the answer
    }
  }

 private:
  Json read() const {
    if (!fs::exists(file_)) return Json::object();
    const Json content = Json::parse(read_file(file_), nullptr, false);
    const bool sound =
        content.is_object() && std::all_of(content.begin(), content.end(), [](auto& item) { return item.is_object(); });
    return sound ? content : Json::object();
  }

  fs::path file_;
  Json known_, fresh_ = Json::object();
};

// <root>/*/<id>, sorted: one variable serves for a folder of collections of data sets.
std::vector<fs::path> one_level_down(const fs::path& root, const std::string& id) {
  std::vector<fs::path> folders;
  std::error_code failure;
  for (fs::directory_iterator item(root, failure), end; !failure && item != end; item.increment(failure)) {
    std::error_code unreadable;
    if (fs::is_directory(item->path() / id, unreadable)) folders.push_back(item->path() / id);
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<fs::path> folders_of(const DataSet& dataset) {
  std::vector<fs::path> folders;
  const char* roots = std::getenv("ASSAY_DATA");
  for (const auto& root : split(roots ? roots : "", ':')) {
    if (root.empty()) continue;
    folders.push_back(fs::absolute(root) / dataset.id);
    folders.push_back(fs::absolute(root));
    const auto deeper = one_level_down(fs::absolute(root), dataset.id);
    folders.insert(folders.end(), deeper.begin(), deeper.end());
  }
  folders.insert(folders.end(), dataset.places.begin(), dataset.places.end());
  folders.push_back(cache_folder() / "data" / dataset.id);
  return folders;
}

struct Content {
  std::uint64_t size = 0;
  std::map<std::string, fs::path> files;  // of a folder, by their paths in it
};

// `failure` tells of a folder that is absent or may not be looked into, and of a file that vanishes meanwhile.
Content content_of_folder(const fs::path& folder, std::error_code& failure) {
  Content content;
  fs::recursive_directory_iterator item(folder, failure);
  for (const fs::recursive_directory_iterator end; !failure && item != end; item.increment(failure)) {
    if (item->path().filename().string().starts_with('.')) {
      item.disable_recursion_pending();
      continue;
    }
    std::error_code dangling;
    if (!item->is_regular_file(dangling)) continue;
    content.size += item->file_size(failure);
    if (failure) break;
    content.files[item->path().lexically_relative(folder).generic_string()] = item->path();
  }
  return content;
}

template <typename Hash>
std::string checksum_of(const DataFile& file, const fs::path& path, const Content& content, const Hash& hash) {
  if (!file.is_folder()) return hash(path);
  Sha256 whole;
  for (const auto& [name, member] : content.files) whole.update(name).update(" ").update(hash(member)).update("\n");
  return whole.hex();
}

template <typename Hash>
LocatedFile examine(const DataFile& file, const fs::path& path, const Hash& hash) {
  LocatedFile located{&file, FileState::kSound, path, "", ""};
  std::error_code failure;
  const auto content = file.is_folder() ? content_of_folder(path, failure) : Content{fs::file_size(path, failure), {}};
  if (failure) {
    located.state = failure == std::errc::no_such_file_or_directory ? FileState::kAbsent : FileState::kUnreadable;
    located.found = failure.message();
    return located;
  }
  if (file.is_folder() && content.files.empty()) {
    located.state = FileState::kUnreadable;
    located.found = "no file in it";
    return located;
  }
  if (file.pinned() && content.size != file.size) {
    located.state = FileState::kWrongSize;
    located.found = std::to_string(content.size) + " bytes";
    return located;
  }
  try {
    located.checksum = checksum_of(file, path, content, hash);
  } catch (const DataError& error) {
    located.state = FileState::kUnreadable;
    located.found = error.problem().found;
    return located;
  }
  if (file.pinned() && located.checksum != file.sha256) {
    located.state = FileState::kWrongChecksum;
    located.found = std::exchange(located.checksum, "");
  }
  return located;
}

template <typename Hash>
LocatedData look(const DataSet& dataset, const Hash& hash) {
  LocatedData data{&dataset, {}, {}};
  if (dataset.generated) return data;
  data.looked_in = folders_of(dataset);
  for (const auto& file : dataset.files) {
    LocatedFile best{&file, FileState::kAbsent, {}, "", ""};
    const auto name = file.name.substr(0, file.name.find_last_not_of('/') + 1);
    for (const auto& folder : data.looked_in) {
      auto candidate = examine(file, folder / name, hash);
      if (candidate.state == FileState::kSound || (best.path.empty() && candidate.state != FileState::kAbsent)) {
        best = std::move(candidate);
      }
      if (best.state == FileState::kSound) break;
    }
    data.files.push_back(std::move(best));
  }
  return data;
}

std::string complaint(const LocatedFile& located) {
  switch (located.state) {
    case FileState::kSound:
      return "";
    case FileState::kAbsent:
      return located.file->name + " is absent";
    case FileState::kWrongSize:
      return located.path.string() + " has a wrong size: expected " + std::to_string(located.file->size) +
             " bytes, found " + located.found;
    case FileState::kWrongChecksum:
      return located.path.string() + " has a wrong checksum: expected SHA-256 " + located.file->sha256 + ", found " +
             located.found;
    case FileState::kUnreadable:
      return located.path.string() + " cannot be read: " + located.found;
  }
  return "";
}

}  // namespace

bool LocatedData::available() const {
  return std::all_of(files.begin(), files.end(), [](const auto& file) { return file.state == FileState::kSound; });
}

std::string LocatedData::reason() const {
  const auto absent = std::count_if(files.begin(), files.end(), [](auto& f) { return f.state == FileState::kAbsent; });
  std::vector<std::string> parts;
  for (const auto& file : files) {
    const bool told_below = file.state == FileState::kAbsent && absent > 1;
    if (file.state != FileState::kSound && !told_below) parts.push_back(complaint(file));
  }
  if (absent > 1) parts.push_back(std::to_string(absent) + " of " + std::to_string(files.size()) + " files are absent");
  if (parts.empty()) return "";
  std::vector<std::string> folders;
  for (const auto& folder : looked_in) folders.push_back(folder.string());
  return "data set " + dataset->id + ": " + join(parts, "; ") +
         (absent ? " (looked in " + join(folders, ", ") + ")" : "");
}

std::string LocatedData::remedy() const {
  if (available()) return "";
  const bool all_have_urls = std::all_of(files.begin(), files.end(), [](const auto& located) {
    return located.state == FileState::kSound || !located.file->url.empty();
  });
  if (all_have_urls) return "bench data get " + dataset->id;
  const bool damaged = std::any_of(files.begin(), files.end(), [&](const auto& located) {
    return std::any_of(dataset->places.begin(), dataset->places.end(),
                       [&](const auto& place) { return located.path.parent_path() == place; });
  });
  if (!dataset->package.empty()) {
    return std::string("sudo apt-get install ") + (damaged ? "--reinstall " : "") + dataset->package;
  }
  return dataset->obtain.empty() ? "see " + dataset->homepage : dataset->obtain;
}

LocatedData locate(const DataSet& dataset) {
  Checksums checksums;
  auto data = look(dataset, [&](const fs::path& path) { return checksums.of(path); });
  checksums.remember();
  return data;
}

LocatedData verify(const DataSet& dataset) { return look(dataset, sha256_file); }

std::string data_digest(const DataSet& dataset) {
  const bool pinned = std::all_of(dataset.files.begin(), dataset.files.end(), [](auto& file) { return file.pinned(); });
  const auto located = pinned ? LocatedData{} : locate(dataset);
  Sha256 hash;
  for (std::size_t i = 0; i < dataset.files.size(); ++i) {
    const auto& file = dataset.files[i];
    const auto checksum = file.pinned() ? file.sha256 : located.files[i].checksum;
    hash.update(file.name).update(" ").update(checksum.empty() ? "absent" : checksum).update("\n");
  }
  return hash.hex();
}

}  // namespace assay
