// Artefacts: what is made once and shared by runs (decoded images, generated data, trained teachers), addressed by the
// SHA-256 of its recipe's canonical JSON. A folder per artefact: <root>/<recipe hash>/{recipe.json, seal.json, the
// files}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/strict_json.hpp"

namespace assay {

class ArtefactCache {
 public:
  explicit ArtefactCache(std::filesystem::path root) : root_(std::move(root)) {}

  // The folder of the artefact, made if it is absent or damaged: under a lock (one maker, the others wait), in a part
  // folder that is renamed when complete, with the SHA-256 of each file in its seal. A sealed file whose size, time and
  // inode are unchanged is not hashed again. `make` writes files into the folder it is given; what it throws passes
  // through. MachineError (disk-full among them) names the path.
  std::filesystem::path obtain(const Json& recipe, const std::function<void(const std::filesystem::path&)>& make) const;

  static std::string hash_of(const Json& recipe);  // the name of the artefact's folder

  struct Item {
    std::string hash;
    Json recipe;
    std::uint64_t bytes = 0;
    std::int64_t used_ms = 0;  // Unix time of the last obtain
    bool sound = true;         // the seal holds
  };
  std::vector<Item> list() const;                           // by hash; `sound` is found by hashing everything
  std::uint64_t prune(std::int64_t unused_since_ms) const;  // removes the older ones and parts left over; bytes freed

 private:
  std::filesystem::path root_;
};

}  // namespace assay
