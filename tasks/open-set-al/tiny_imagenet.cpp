#include "open-set-al/tiny_imagenet.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "data/artefacts.hpp"
#include "vision/colour_file.hpp"

namespace assay::open_set_al {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSide = 64, kBytes = 3 * kSide * kSide;
constexpr const char *kFolder = "tiny-imagenet-200/", *kNames = "class_names.json";

[[noreturn]] void refuse(const std::string& what, const fs::path& where, const std::string& expected,
                         const std::string& found) {
  throw DataError({what, where.string(), expected, found, "unpack tiny-imagenet-200.zip anew"});
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  for (const auto& line : split(read_file(file), '\n')) {
    if (const auto text = trim(line); !text.empty()) lines.emplace_back(text);
  }
  return lines;
}

void need_count(std::int64_t expected, std::size_t found, const std::string& of, const fs::path& where) {
  if (static_cast<std::size_t>(expected) == found) return;
  refuse("Tiny-ImageNet is not whole", where, std::to_string(expected) + " " + of, std::to_string(found));
}

// Labels by wnid.
using Classes = std::map<std::string, std::int64_t>;

std::vector<std::string> read_wnids(const fs::path& folder, const TinyImageNetSize& size) {
  const auto file = folder / "wnids.txt";
  const auto wnids = lines_of(file);
  need_count(size.classes, wnids.size(), "classes", file);
  need_count(size.classes, std::set<std::string>(wnids.begin(), wnids.end()).size(), "different classes", file);
  return wnids;
}

// words.txt names far more wnids than there are classes; of several names the first is taken.
std::vector<std::string> read_names(const fs::path& folder, const std::vector<std::string>& wnids) {
  std::map<std::string, std::string> words;
  for (const auto& line : lines_of(folder / "words.txt")) {
    const auto fields = split(line, '\t');
    if (fields.size() == 2) words[fields[0]] = split(fields[1], ',').front();
  }
  std::vector<std::string> names;
  for (const auto& wnid : wnids) {
    const auto found = words.find(wnid);
    if (found == words.end()) refuse("class without a name", folder / "words.txt", "a line \"" + wnid + "\"", "none");
    names.push_back(found->second);
  }
  return names;
}

std::vector<fs::path> photographs_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator item(folder, failure), end; !failure && item != end; item.increment(failure)) {
    const auto name = item->path().filename().string();
    if (name.ends_with(".JPEG") && !name.starts_with('.')) files.push_back(item->path());
  }
  if (failure) refuse("cannot read the folder", folder, "", failure.message());
  std::sort(files.begin(), files.end());
  return files;
}

struct Bytes {
  std::string pixels, labels;

  void reserve(std::int64_t count) {
    pixels.reserve(static_cast<std::size_t>(count * kBytes));
    labels.reserve(static_cast<std::size_t>(count));
  }
  void add(const fs::path& file, std::int64_t label) {
    const auto colour = vision::read_colour(file);
    if (colour.red.height != kSide || colour.red.width != kSide) {
      refuse("photograph of another size", file, "64 x 64",
             std::to_string(colour.red.width) + " x " + std::to_string(colour.red.height));
    }
    for (const auto* plane : {&colour.red, &colour.green, &colour.blue}) {
      pixels.append(plane->values.begin(), plane->values.end());
    }
    labels += static_cast<char>(label);
  }
  void write(const fs::path& folder, const std::string& name) const {
    write_file(folder / (name + ".pixels"), pixels);
    write_file(folder / (name + ".labels"), labels);
  }
};

Bytes read_train(const fs::path& folder, const std::vector<std::string>& wnids, const TinyImageNetSize& size) {
  Bytes train;
  train.reserve(size.classes * size.train_per_class);
  for (std::size_t label = 0; label < wnids.size(); ++label) {
    const auto images = folder / "train" / wnids[label] / "images";
    const auto files = photographs_in(images);
    need_count(size.train_per_class, files.size(), "files *.JPEG", images);
    for (const auto& file : files) train.add(file, static_cast<std::int64_t>(label));
  }
  return train;
}

// Lines "val_0.JPEG <wnid> x y width height", separated by tabs.
Bytes read_test(const fs::path& folder, const std::vector<std::string>& wnids, const TinyImageNetSize& size) {
  Classes classes;
  for (const auto& wnid : wnids) classes.emplace(wnid, static_cast<std::int64_t>(classes.size()));
  const auto annotations = folder / "val" / "val_annotations.txt";
  std::vector<std::int64_t> of_class(wnids.size());
  Bytes test;
  test.reserve(size.classes * size.test_per_class);
  for (const auto& line : lines_of(annotations)) {
    const auto fields = split(line, '\t');
    const auto known = fields.size() < 2 ? classes.end() : classes.find(fields[1]);
    if (known == classes.end()) {
      refuse("damaged annotation", annotations, "a file and one of the classes", "\"" + one_line(line) + "\"");
    }
    test.add(folder / "val" / "images" / fields[0], known->second);
    ++of_class[static_cast<std::size_t>(known->second)];
  }
  for (std::size_t label = 0; label < wnids.size(); ++label) {
    need_count(size.test_per_class, static_cast<std::size_t>(of_class[label]), "lines of " + wnids[label], annotations);
  }
  return test;
}

void decode(const fs::path& from, const TinyImageNetSize& size, const fs::path& to) {
  const auto wnids = read_wnids(from, size);
  write_file(to / kNames, Json(read_names(from, wnids)).dump());
  read_train(from, wnids, size).write(to, "train");
  read_test(from, wnids, size).write(to, "test");
}

std::span<const std::uint8_t> map_file(const fs::path& file, std::vector<torch::Tensor>& memory) {
  const auto bytes = static_cast<std::int64_t>(fs::file_size(file));
  memory.push_back(torch::from_file(file.string(), /*shared=*/false, bytes, torch::kUInt8));
  return {memory.back().const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(bytes)};
}

ImageSplit map_split(const fs::path& folder, const std::string& name, std::vector<torch::Tensor>& memory) {
  const auto pixels = map_file(folder / (name + ".pixels"), memory);
  const auto labels = map_file(folder / (name + ".labels"), memory);
  return {static_cast<std::int64_t>(labels.size()), 3, kSide, kSide, pixels, labels};
}

}  // namespace

OwnedImages read_tiny_imagenet(const Job& job, const TinyImageNetSize& size) {
  const auto folder = std::find_if(job.files.begin(), job.files.end(), [](auto& file) { return file.name == kFolder; });
  if (folder == job.files.end()) {
    throw DataError({"the data set declares no folder", job.dataset, kFolder, "none", ""});
  }
  // The version of this reader: raised whenever the same files would give other bytes.
  const Json recipe{{"kind", "tiny-imagenet"}, {"version", 1}, {"files", {{kFolder, folder->sha256}}}};
  const auto made =
      ArtefactCache(job.artefacts).obtain(recipe, [&](const fs::path& part) { decode(folder->path, size, part); });
  OwnedImages owned;
  owned.images.train = map_split(made, "train", owned.memory);
  owned.images.test = map_split(made, "test", owned.memory);
  owned.images.class_names = read_json(made / kNames, (made / kNames).string()).get<std::vector<std::string>>();
  owned.images.digest = ArtefactCache::hash_of(recipe);
  return owned;
}

}  // namespace assay::open_set_al
