#include "multi-label-kd/labelled_data.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <span>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "data/artefacts.hpp"
#include "data/images.hpp"
#include "multi-label-kd/garment_scenes.hpp"
#include "multi-label-kd/image_list.hpp"
#include "multi-label-kd/label_table.hpp"
#include "multi-label-kd/voc.hpp"
#include "vision/resize.hpp"

namespace assay::multi_label {

namespace {

namespace fs = std::filesystem;

// The layout of the artefact: pixels and labels of each split, and what they are in index.json.
constexpr const char* kIndex = "index.json";
constexpr std::array<const char*, 3> kSplits{"train", "validation", "test"};

// Image after image into the files of a split: a whole split of photographs is more than memory should hold twice.
class SplitWriter {
 public:
  SplitWriter(const fs::path& folder, const std::string& split)
      : pixels_(folder / (split + ".pixels"), std::ios::binary),
        labels_(folder / (split + ".labels"), std::ios::binary) {}

  void add(const std::string& name, std::string_view pixels, std::span<const float> labels) {
    pixels_.write(pixels.data(), static_cast<std::streamsize>(pixels.size()));
    const auto bytes = std::as_bytes(labels);
    labels_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    names_.push_back(name);
  }

  std::vector<std::string> finish() {  // the names
    pixels_.close();
    labels_.close();
    if (!pixels_ || !labels_) {
      throw MachineError({"cannot write decoded images", "artefact cache", "", "", "see whether the disk is full"});
    }
    return std::move(names_);
  }

 private:
  std::ofstream pixels_, labels_;
  std::vector<std::string> names_;
};

torch::Tensor map_file(const fs::path& file, torch::IntArrayRef shape, torch::Dtype type,
                       std::vector<torch::Tensor>& memory) {
  const auto count = c10::multiply_integers(shape);
  if (count == 0) return torch::empty(shape, type);
  memory.push_back(torch::from_file(file.string(), /*shared=*/false, count, type));
  return memory.back().view(shape);
}

LabelledData map_artefact(const fs::path& folder, const learn::Normalisation& normalisation) {
  const auto index = read_json(folder / kIndex, (folder / kIndex).string());
  LabelledData data;
  data.classes = index.at("classes").get<std::vector<std::string>>();
  data.normalisation = normalisation;
  const auto shape = index.at("shape").get<std::vector<std::int64_t>>();
  const std::array splits{&data.train, &data.validation, &data.test};
  for (std::size_t i = 0; i < splits.size(); ++i) {
    auto& split = *splits[i];
    const std::string name = kSplits[i];
    split.names = index.at(name).get<std::vector<std::string>>();
    const auto count = static_cast<std::int64_t>(split.names.size());
    split.pixels =
        map_file(folder / (name + ".pixels"), {count, shape[0], shape[1], shape[2]}, torch::kUInt8, data.memory);
    split.labels = map_file(folder / (name + ".labels"), {count, static_cast<std::int64_t>(data.classes.size())},
                            torch::kFloat32, data.memory);
  }
  return data;
}

const JobFile& folder_of(const Job& job, const std::string& name) {
  const auto found = std::find_if(job.files.begin(), job.files.end(), [&](auto& file) { return file.name == name; });
  if (found == job.files.end()) throw DataError({"the data set declares no folder", job.dataset, name, "none", ""});
  return *found;
}

Json json_of(const SplitSizes& sizes) { return {sizes.train, sizes.validation, sizes.test}; }

// --- Garment scenes

std::vector<std::string> write_scenes(const fs::path& folder, const std::string& split, const Scenes& scenes) {
  SplitWriter writer(folder, split);
  constexpr auto bytes = static_cast<std::size_t>(kSceneSide * kSceneSide), classes = std::size_t{kSceneClasses};
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenes.count); ++i) {
    const auto marks = std::string_view(scenes.labels).substr(i * classes, classes);
    const std::vector<float> labels(marks.begin(), marks.end());
    writer.add(std::to_string(i), std::string_view(scenes.pixels).substr(i * bytes, bytes), labels);
  }
  return writer.finish();
}

struct SceneRecipe {
  std::string profile;
  std::int64_t data_seed = 0;
  SplitSizes sizes;
};

void make_scene_files(const Job& job, const SceneRecipe& recipe, const fs::path& folder) {
  std::map<std::string, fs::path> files;
  std::map<std::string, std::string> checksums;
  for (const auto& file : job.files) files[file.name] = file.path, checksums[file.name] = file.sha256;
  const auto garments = load_images(job.reader, files, checksums, ArtefactCache(job.artefacts));
  const std::array counts{recipe.sizes.train, recipe.sizes.validation, recipe.sizes.test};
  const auto profile = scene_profile(recipe.profile);
  Json index{{"shape", {1, kSceneSide, kSceneSide}},
             {"classes", job.classes.empty() ? garments.class_names : job.classes}};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto scenes = make_scenes(garments.train, garments.test, static_cast<std::uint64_t>(recipe.data_seed),
                                    static_cast<SceneSplit>(i), counts[i], profile);
    index[kSplits[i]] = write_scenes(folder, kSplits[i], scenes);
  }
  write_file(folder / kIndex, index.dump());
}

LabelledData load_scenes(const Job& job, StrictObject& setting, const SplitSizes& sizes) {
  const SceneRecipe wanted{setting.choice("profile", {"kd", "ssl"}), setting.integer("data_seed"), sizes};
  Json checksums = Json::object();
  for (const auto& file : job.files) checksums[file.name] = file.sha256;
  const Json recipe{{"kind", "garment-scenes"},      {"provenance", job.provenance},
                    {"dataset", job.dataset},        {"files", checksums},
                    {"classes", job.classes},        {"profile", wanted.profile},
                    {"data_seed", wanted.data_seed}, {"sizes", json_of(sizes)}};
  const auto folder =
      ArtefactCache(job.artefacts).obtain(recipe, [&](const fs::path& made) { make_scene_files(job, wanted, made); });
  return map_artefact(folder, {{0.3}, {0.3}});
}

// --- Image files

// [3, side, side]
std::string decoded(const fs::path& file, std::int64_t side) {
  const auto image = vision::resized(vision::read_colour(file), side, side);
  std::string pixels;
  for (const auto* plane : {&image.red, &image.green, &image.blue}) {
    pixels.append(plane->values.begin(), plane->values.end());
  }
  return pixels;
}

std::vector<std::string> write_images(const fs::path& folder, const std::string& split,
                                      const std::vector<LabelledFile>& images, std::int64_t count, std::int64_t side) {
  SplitWriter writer(folder, split);
  const auto all = images.size(), wanted = static_cast<std::size_t>(count);
  for (const auto& image : std::span(images).first(count == 0 ? all : std::min(all, wanted))) {
    writer.add(image.name, decoded(image.file, side), image.labels);
  }
  return writer.finish();
}

void make_image_files(const ImageList& list, const SplitSizes& sizes, std::int64_t side, const fs::path& folder) {
  write_file(folder / kIndex,
             Json{{"shape", {3, side, side}},
                  {"classes", list.classes},
                  {"train", write_images(folder, "train", list.train, sizes.train, side)},
                  {"validation", write_images(folder, "validation", list.validation, sizes.validation, side)},
                  {"test", write_images(folder, "test", list.test, sizes.test, side)}}
                 .dump());
}

// `recipe`: what tells the list apart from others.
LabelledData load_list(const Job& job, StrictObject& setting, const SplitSizes& sizes, Json recipe,
                       const std::function<ImageList()>& read) {
  const auto side = setting.integer("side");
  if (side < 1) setting.wrong("side", "at least 1", std::to_string(side));
  // The version of these readers: raised whenever the same files would give other bytes.
  recipe.update({{"version", 1}, {"side", side}, {"sizes", json_of(sizes)}});
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe, [&](const fs::path& made) {
    make_image_files(read(), sizes, side, made);
  });
  return map_artefact(folder, {{0, 0, 0}, {1, 1, 1}});
}

LabelledData load_voc(const Job& job, StrictObject& setting, const SplitSizes& sizes) {
  const auto& folder = folder_of(job, "VOCdevkit/VOC2007/");
  const auto rule = setting.choice("difficult", {"positive", "negative", "mask"});
  const auto difficult = rule == "positive"   ? Difficult::kPositive
                         : rule == "negative" ? Difficult::kNegative
                                              : Difficult::kMask;
  return load_list(job, setting, sizes, {{"kind", "voc2007"}, {"folder", folder.sha256}, {"difficult", rule}},
                   [&] { return read_voc(folder.path, difficult); });
}

LabelledData load_folder(const Job& job, StrictObject& setting, const SplitSizes& sizes) {
  const auto& folder = folder_of(job, "labelled-images/");
  return load_list(job, setting, sizes, {{"kind", "labelled-folder"}, {"folder", folder.sha256}},
                   [&] { return read_label_table(folder.path); });
}

}  // namespace

LabelledData load_labelled_data(const Job& job, const SplitSizes& sizes) {
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  if (job.reader == "idx-gzip") return load_scenes(job, setting, sizes);
  if (job.reader == "voc2007") return load_voc(job, setting, sizes);
  if (job.reader == "labelled-folder") return load_folder(job, setting, sizes);
  throw DataError({"not a reader of images with several labels", job.dataset, "idx-gzip, voc2007 or labelled-folder",
                   "\"" + job.reader + "\"", ""});
}

std::filesystem::path trunk_file(const Job& job, const std::string& network) {
  const auto name = "imagenet-weights/" + network + ".pt";
  const auto file = std::find_if(job.files.begin(), job.files.end(), [&](const auto& f) { return f.name == name; });
  if (file == job.files.end()) {
    throw DeclarationError({"no pretrained weights", "data set " + job.dataset, "a file " + name, "none", ""});
  }
  return file->path;
}

}  // namespace assay::multi_label
