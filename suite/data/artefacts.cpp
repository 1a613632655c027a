#include "data/artefacts.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "data/stamp.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPart = ".part";

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::uint64_t size_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : entries(folder)) bytes += fs::file_size(file);
  return bytes;
}

// The seal: SHA-256 and stamp of each file. Its own time of change is the time of the artefact's last use.
void write_seal(const fs::path& folder) {
  Json seal = Json::object();
  for (const auto& file : entries(folder)) {
    if (file.filename() == "seal.json") continue;
    seal[file.filename().string()] = {{"sha256", sha256_file(file)}, {"stamp", stamp_of(file)}};
  }
  write_file(folder / "seal.json", seal.dump(1));
}

enum class Check { kTrustStamps, kHashAll };
enum class Seal { kHolds, kOutdated, kBroken };  // outdated: the bytes are right, the stamps are not (a copied cache)

Seal check_file(const fs::path& file, const Json& sealed, Check check) {
  const auto stamp = stamp_of(file);
  if (stamp.empty()) return Seal::kBroken;
  const bool same = stamp == sealed.at("stamp").get<std::string>();
  if (same && check == Check::kTrustStamps) return Seal::kHolds;
  if (sha256_file(file) != sealed.at("sha256").get<std::string>()) return Seal::kBroken;
  return same ? Seal::kHolds : Seal::kOutdated;
}

Seal check_seal(const fs::path& folder, Check check) {
  if (!fs::exists(folder / "seal.json")) return Seal::kBroken;
  try {
    const Json seal = Json::parse(read_file(folder / "seal.json"));
    Seal worst = Seal::kHolds;
    for (const auto& [name, sealed] : seal.items()) worst = std::max(worst, check_file(folder / name, sealed, check));
    return seal.empty() ? Seal::kBroken : worst;
  } catch (const Json::exception&) {
    return Seal::kBroken;
  } catch (const DataError&) {  // a file vanished or cannot be read
    return Seal::kBroken;
  }
}

void note_use(const fs::path& folder) { utimensat(AT_FDCWD, (folder / "seal.json").c_str(), nullptr, 0); }

std::int64_t used_ms(const fs::path& folder) {
  struct stat info {};
  if (stat((folder / "seal.json").c_str(), &info) != 0) return 0;
  return info.st_mtim.tv_sec * std::int64_t{1000} + info.st_mtim.tv_nsec / 1'000'000;
}

// Runs file operations of the standard library, whose failures become MachineErrors that name the path.
template <typename Work>
auto on_disk(const fs::path& where, const Work& work) {
  try {
    return work();
  } catch (const fs::filesystem_error& error) {
    throw MachineError({"cannot use the artefact cache", where.string(), "", error.code().message(),
                        "check the disk's space and the folder's permissions, or set ASSAY_CACHE to another folder"});
  }
}

void make_artefact(const fs::path& folder, const Json& recipe, const std::function<void(const fs::path&)>& make) {
  const fs::path part = folder.string() + kPart;
  on_disk(part, [&] { fs::remove_all(part), fs::create_directory(part); });
  try {
    make(part);
    write_file(part / "recipe.json", recipe.dump(1));
    write_seal(part);
    on_disk(folder, [&] { fs::remove_all(folder), fs::rename(part, folder); });
  } catch (...) {
    std::error_code ignored;  // what `make` threw matters more
    fs::remove_all(part, ignored);
    throw;
  }
}

FileLock lock_of(const fs::path& root, const std::string& hash) {
  on_disk(root, [&] { fs::create_directories(root / "locks"); });
  return FileLock(root / "locks" / hash);
}

bool is_hash(const std::string& name) {
  return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string ArtefactCache::hash_of(const Json& recipe) { return sha256(recipe.dump()); }

fs::path ArtefactCache::obtain(const Json& recipe, const std::function<void(const fs::path&)>& make) const {
  const auto hash = hash_of(recipe);
  const auto folder = root_ / hash;
  note_use(folder);  // before looking, so that a prune that starts now leaves it
  if (check_seal(folder, Check::kTrustStamps) == Seal::kHolds) return folder;
  const auto lock = lock_of(root_, hash);
  const auto seal = check_seal(folder, Check::kTrustStamps);  // another process may have made it meanwhile
  if (seal == Seal::kOutdated) write_seal(folder);
  if (seal == Seal::kBroken) make_artefact(folder, recipe, make);
  return folder;
}

std::vector<ArtefactCache::Item> ArtefactCache::list() const {
  std::vector<Item> items;
  for (const auto& folder : entries(root_)) {
    if (!is_hash(folder.filename().string())) continue;
    Item item{folder.filename().string(), nullptr, size_of(folder), used_ms(folder), true};
    item.sound = check_seal(folder, Check::kHashAll) != Seal::kBroken;
    if (item.sound) item.recipe = read_json(folder / "recipe.json", (folder / "recipe.json").string());
    items.push_back(std::move(item));
  }
  return items;
}

std::uint64_t ArtefactCache::prune(std::int64_t unused_since_ms) const {
  std::uint64_t freed = 0;
  for (const auto& folder : entries(root_)) {
    const auto hash = folder.stem().string();
    const bool part = folder.extension() == kPart;
    if (!is_hash(hash) || (!part && used_ms(folder) >= unused_since_ms)) continue;
    const auto lock = lock_of(root_, hash);  // a part that is still being made is renamed before this is granted
    if (!fs::exists(folder) || (!part && used_ms(folder) >= unused_since_ms)) continue;
    freed += size_of(folder);
    on_disk(folder, [&] { fs::remove_all(folder); });
  }
  return freed;
}

}  // namespace assay
