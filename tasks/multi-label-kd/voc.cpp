#include "multi-label-kd/voc.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::multi_label {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kClasses{
    "aeroplane",   "bicycle", "bird",  "boat",      "bottle", "bus",         "car",   "cat",  "chair", "cow",
    "diningtable", "dog",     "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"};

constexpr const char* kRemedy = "unpack the archives of VOC2007 anew";

[[noreturn]] void refuse(const std::string& what, const fs::path& where, const std::string& expected,
                         const std::string& found, const std::string& remedy = kRemedy) {
  throw DataError({what, where.string(), expected, found, remedy});
}

std::vector<std::string> read_ids(const fs::path& file) {
  if (!fs::is_regular_file(file)) refuse("VOC2007 is not whole", file, "a list of images", "no such file");
  std::vector<std::string> ids;
  for (const auto& line : split(read_file(file), '\n')) {
    if (const auto id = trim(line); !id.empty()) ids.emplace_back(id);
  }
  if (ids.empty()) refuse("VOC2007 is not whole", file, "the number of an image on each line", "no line");
  return ids;
}

pugi::xml_document parsed(const fs::path& file) {
  if (!fs::is_regular_file(file)) refuse("image without annotation", file, "an XML file", "no such file");
  const auto text = read_file(file);
  pugi::xml_document document;
  const auto result = document.load_buffer(text.data(), text.size());
  if (!result) {
    refuse("broken XML", file, "an annotation of VOC2007",
           one_line(result.description()) + " at byte " + std::to_string(result.offset));
  }
  if (!document.child("annotation")) {
    refuse("not an annotation", file, "the element <annotation>",
           "<" + std::string(document.document_element().name()) + ">");
  }
  return document;
}

std::size_t class_of(const pugi::xml_node& object, const fs::path& file) {
  const std::string name(trim(object.child_value("name")));
  const auto found = std::find(kClasses.begin(), kClasses.end(), name);
  if (found == kClasses.end()) {
    const auto guess = did_you_mean(name, kClasses);
    refuse("unknown class", file, "<name> of an <object>: one of " + join(kClasses, ", "),
           name.empty() ? "none" : "\"" + name + "\"", guess.empty() ? kRemedy : guess);
  }
  return static_cast<std::size_t>(found - kClasses.begin());
}

std::vector<float> read_labels(const fs::path& file, Difficult difficult) {
  const auto document = parsed(file);
  std::vector<bool> clear(kClasses.size()), hard(kClasses.size());
  for (const auto& object : document.child("annotation").children("object")) {
    (object.child("difficult").text().as_int() != 0 ? hard : clear)[class_of(object, file)] = true;
  }
  const float if_hard = difficult == Difficult::kPositive ? 1 : difficult == Difficult::kMask ? kUnknown : 0;
  std::vector<float> labels;
  for (std::size_t c = 0; c < kClasses.size(); ++c) labels.push_back(clear[c] ? 1 : hard[c] ? if_hard : 0);
  return labels;
}

std::vector<LabelledFile> read_split(const fs::path& folder, const std::string& split, Difficult difficult) {
  std::vector<LabelledFile> images;
  for (const auto& id : read_ids(folder / "ImageSets" / "Main" / (split + ".txt"))) {
    const auto name = id + ".jpg", image = (folder / "JPEGImages" / name).string();
    if (!fs::is_regular_file(image)) refuse("missing image", image, "an image of " + split + ".txt", "no such file");
    images.push_back({name, image, read_labels(folder / "Annotations" / (id + ".xml"), difficult)});
  }
  return images;
}

}  // namespace

ImageList read_voc(const fs::path& folder, Difficult difficult) {
  return {.classes = kClasses,
          .train = read_split(folder, "trainval", difficult),
          .validation = {},
          .test = read_split(folder, "test", difficult)};
}

}  // namespace assay::multi_label
