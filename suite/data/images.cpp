#include "data/images.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "data/decode.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

using Decoder = Decoded (*)(const DataFiles&);

const std::map<std::string, Decoder> kReaders{
    {"idx-gzip", decode_idx},
    {"cifar-10", decode_cifar10},
    {"cifar-100", decode_cifar100},
    {"cifar-10n", [](const DataFiles& files) { return decode_cifar10n(files); }},
};

Decoder reader_named(const std::string& name) {
  const auto found = kReaders.find(name);
  if (found != kReaders.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [reader, decode] : kReaders) known.push_back(reader);
  throw DataError(
      {"unknown reader", name, "one of " + join(known, ", "), "\"" + name + "\"", did_you_mean(name, known)});
}

void check_checksums(const DataFiles& files, const std::map<std::string, std::string>& checksums) {
  for (const auto& [name, file] : files) {
    const auto expected = checksums.find(name);
    if (expected == checksums.end()) throw DataError({"file without a checksum", file.string(), "one", "none", ""});
    const auto found = sha256_file(file);
    if (found == expected->second) continue;
    throw DataError(
        {"wrong checksum", file.string(), "SHA-256 " + expected->second, found, "remove it and fetch it again"});
  }
}

// The layout of the artefact: one file for each array, and their shapes in shape.json.
Json write_split(const fs::path& folder, const std::string& name, const DecodedSplit& split) {
  write_file(folder / (name + ".pixels"), split.pixels);
  write_file(folder / (name + ".labels"), split.labels);
  return {{"count", split.count}, {"channels", split.channels}, {"height", split.height}, {"width", split.width}};
}

void write_decoded(const fs::path& folder, const Decoded& decoded) {
  Json shape{{"class_names", decoded.class_names}, {"given", Json::array()}};
  shape["train"] = write_split(folder, "train", decoded.train);
  shape["test"] = write_split(folder, "test", decoded.test);
  for (const auto& [set, labels] : decoded.given_labels) {
    write_file(folder / ("given-" + set + ".labels"), labels);
    shape["given"].push_back(set);
  }
  write_file(folder / "shape.json", shape.dump());
}

struct Mapping {
  std::shared_ptr<const void> memory;
  std::span<const std::uint8_t> bytes;
};

Mapping map_file(const fs::path& file) {
  const auto fail = [&] {
    throw MachineError({"cannot map file", file.string(), "", std::strerror(errno), "check the artefact cache's disk"});
  };
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail();
  struct stat info {};
  const bool known = fstat(descriptor, &info) == 0;
  const auto size = static_cast<std::size_t>(info.st_size);
  void* memory = known ? mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  close(descriptor);
  if (memory == MAP_FAILED) fail();
  return {std::shared_ptr<const void>(memory, [size](const void* begin) { munmap(const_cast<void*>(begin), size); }),
          {static_cast<const std::uint8_t*>(memory), size}};
}

}  // namespace

Images load_images(const std::string& reader, const std::map<std::string, fs::path>& files,
                   const std::map<std::string, std::string>& checksums, const ArtefactCache& cache) {
  const Decoder decode = reader_named(reader);
  // The version of the decoders and of the layout: raised whenever the same files would give other bytes.
  const Json recipe{{"kind", "images"}, {"version", 1}, {"reader", reader}, {"files", checksums}};
  const auto folder = cache.obtain(recipe, [&](const fs::path& part) {
    check_checksums(files, checksums);
    write_decoded(part, decode(files));
  });

  Images images;
  const auto map = [&](const std::string& name) {
    const auto mapping = map_file(folder / name);
    images.mappings_.push_back(mapping.memory);
    return mapping.bytes;
  };
  const Json shape = read_json(folder / "shape.json", (folder / "shape.json").string());
  const auto map_split = [&](const std::string& name) {
    const Json& size = shape.at(name);
    return ImageSplit{size.at("count"), size.at("channels"),   size.at("height"),
                      size.at("width"), map(name + ".pixels"), map(name + ".labels")};
  };
  images.train = map_split("train");
  images.test = map_split("test");
  images.class_names = shape.at("class_names").get<std::vector<std::string>>();
  for (const std::string set : shape.at("given")) images.given_labels[set] = map("given-" + set + ".labels");
  images.digest = ArtefactCache::hash_of(recipe);
  return images;
}

}  // namespace assay
