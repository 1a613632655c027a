#include "crack-detection/photographs.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "vision/image_file.hpp"

namespace assay::cracks {

namespace {

namespace fs = std::filesystem;
using vision::Grey;
using vision::Mask;

struct Labels {
  Mask crack, ignored;
};

Mask where(const Grey& grey, const std::function<bool(std::uint8_t)>& chosen) {
  Mask mask(grey.height, grey.width);
  std::transform(grey.values.begin(), grey.values.end(), mask.values.begin(), chosen);
  return mask;
}

// Some of these files have one bit a pixel, others eight: the reader makes 0 and 255 of both.
Labels black_and_white(const fs::path& file) {
  return {where(vision::read_grey(file), [](std::uint8_t value) { return value >= 128; }), {}};
}

// Grey 30 is crack. Sealed cracks (90), patches (120), covers (180) and joints (210) are pavement that looks like one.
// Within alligator cracking (150) single cracks are not drawn, so that nobody can be judged there.
Labels paveseg_labels(const fs::path& file) {
  const auto grey = vision::read_grey(file);
  for (const auto value : grey.values) {
    if (value % 30 == 0 && value <= 210) continue;
    throw DataError({"unknown label", file.string(), "grey values 0, 30, ..., 210", std::to_string(value),
                     "get the file anew: labels must not be scaled or compressed"});
  }
  Labels labels{where(grey, [](std::uint8_t value) { return value == 30; }), {}};
  auto alligator = where(grey, [](std::uint8_t value) { return value == 150; });
  const bool any = std::find(alligator.values.begin(), alligator.values.end(), 1) != alligator.values.end();
  if (any) labels.ignored = std::move(alligator);
  return labels;
}

// A label image as BSDS text: "width W", "height H" and other lines, then "data", then lines "label row first last",
// the last column included.
class SegFile {
 public:
  explicit SegFile(const fs::path& file) : file_(file), text_(read_file(file)) {}

  // 1 is crack and 3 a faint one, but 2 is pavement that cracks enclose: taking all but 0 would add 29 % to the cracks.
  Labels labels() {
    read_header();
    Labels labels{Mask(height_, width_), {}};
    Mask seen(height_, width_);
    for (std::string line; std::getline(text_, line);) {
      if (!trim(line).empty()) paint(line, labels.crack, seen);
    }
    const auto missing = std::count(seen.values.begin(), seen.values.end(), 0);
    if (missing > 0) refuse("a label for each pixel", "none for " + std::to_string(missing));
    return labels;
  }

 private:
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    throw DataError({"damaged label file", file_.string(), expected, found, "get the file anew"});
  }

  void read_header() {
    for (std::string line; std::getline(text_, line) && trim(line) != "data";) {
      std::istringstream words(line);
      std::string key;
      words >> key;
      if (key == "width") words >> width_;
      if (key == "height") words >> height_;
    }
    constexpr std::int64_t kMost = 100'000;
    if (!text_ || width_ < 1 || height_ < 1 || width_ > kMost || height_ > kMost) {
      refuse("lines \"width\", \"height\" and \"data\"", "not all of them");
    }
  }

  void paint(const std::string& line, Mask& crack, Mask& seen) const {
    std::istringstream numbers(line);
    std::int64_t label = 0, row = 0, first = 0, last = 0;
    const bool four = static_cast<bool>(numbers >> label >> row >> first >> last);
    const bool sound =
        four && label >= 0 && label <= 3 && first <= last && seen.inside(row, first) && seen.inside(row, last);
    if (!sound) refuse("lines \"label row first last\" within the picture, label 0..3", "\"" + one_line(line) + "\"");
    for (std::int64_t j = first; j <= last; ++j) {
      seen(row, j) = 1;
      crack(row, j) = label == 1 || label == 3;
    }
  }

  fs::path file_;
  std::istringstream text_;
  std::int64_t width_ = 0, height_ = 0;
};

Labels seg_labels(const fs::path& file) { return SegFile(file).labels(); }

// ---- which files belong together ------------------------------------------------------------------------------------

// An image by its stem and its position among those of its folder: does it belong to the test set?
using Split = std::function<bool(const fs::path& image, std::size_t position)>;

bool all_train(const fs::path&, std::size_t) { return false; }
bool all_test(const fs::path&, std::size_t) { return true; }

bool number_divides_by_5(const fs::path& image, std::size_t) {
  const auto stem = image.stem().string();
  if (stem.empty() || stem.size() > 9 || stem.find_first_not_of("0123456789") != std::string::npos) {
    throw DataError(
        {"unknown image", image.string(), "a number as its name", stem, "keep other files out of the folder"});
  }
  return std::stoi(stem) % 5 == 0;
}

bool every_third(const fs::path&, std::size_t position) { return position % 3 == 0; }

struct Part {
  std::string images, labels, label_ending;  // the label of x.jpg is x + ending
  Split in_test;
};

struct Format {
  std::vector<Part> parts;
  Labels (*read_labels)(const fs::path&);
};

// Neither CFD nor the preview of PaveSeg has an official split. In DeepCrack, names that occur in both splits mean
// different images, but for 11216 in the test set, which is 11158 of the training set saved again.
const std::map<std::string, Format>& formats() {
  static const std::map<std::string, Format> known{
      {"cfd", {{{"image/", "seg/", ".seg", number_divides_by_5}}, seg_labels}},
      {"paveseg", {{{"img/", "label/", "_mask.png", every_third}}, paveseg_labels}},
      {"deepcrack",
       {{{"train_img/", "train_lab/", ".png", all_train}, {"test_img/", "test_lab/", ".png", all_test}},
        black_and_white}},
      {"crack500",
       {{{"traincrop/", "traincrop/", ".png", all_train}, {"testcrop/", "testcrop/", ".png", all_test}},
        black_and_white}}};
  return known;
}

std::vector<fs::path> images_in(const fs::path& folder) {
  std::vector<fs::path> images;
  std::error_code failure;
  for (fs::directory_iterator item(folder, failure), end; !failure && item != end; item.increment(failure)) {
    const auto name = item->path().filename().string();
    if (name.ends_with(".jpg") && !name.starts_with('.')) images.push_back(item->path());
  }
  if (failure) throw DataError({"cannot read the folder", folder.string(), "", failure.message(), ""});
  if (images.empty()) throw DataError({"no images", folder.string(), "files *.jpg", "none", "get the data set anew"});
  std::sort(images.begin(), images.end());
  return images;
}

// ---- one photograph -------------------------------------------------------------------------------------------------

// Each block of n x n pixels as one; `combine` gets a pointer to the first of them and the width of the picture.
template <typename Combine>
Grey shrunk(const Grey& picture, std::int64_t n, const Combine& combine) {
  if (n == 1) return picture;
  Grey result(picture.height / n, picture.width / n);
  for (std::int64_t i = 0; i < result.height; ++i) {
    for (std::int64_t j = 0; j < result.width; ++j) result(i, j) = combine(&picture(i * n, j * n), picture.width);
  }
  return result;
}

Grey averaged(const Grey& picture, std::int64_t n) {
  return shrunk(picture, n, [n](const std::uint8_t* first, std::int64_t width) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < n * n; ++k) sum += first[k / n * width + k % n];
    return static_cast<std::uint8_t>((sum + n * n / 2) / (n * n));
  });
}

Mask largest(const Mask& mask, std::int64_t n) {
  return shrunk(mask, n, [n](const std::uint8_t* first, std::int64_t width) {
    std::uint8_t most = 0;
    for (std::int64_t k = 0; k < n * n; ++k) most = std::max(most, first[k / n * width + k % n]);
    return most;
  });
}

std::string size_of(const Grey& picture) {
  return std::to_string(picture.width) + " x " + std::to_string(picture.height);
}

Photograph read_photograph(const fs::path& image, const fs::path& label, const Format& format, std::int64_t shrink) {
  if (!fs::exists(label)) {
    throw DataError({"image without a label", image.string(), label.string(), "no such file", "get the data set anew"});
  }
  const auto grey = vision::read_grey(image);
  const auto labels = format.read_labels(label);
  if (labels.crack.height != grey.height || labels.crack.width != grey.width) {
    throw DataError({"image and label differ in size", label.string(),
                     size_of(grey) + " as " + image.filename().string(), size_of(labels.crack),
                     "get the data set anew"});
  }
  return {"", averaged(grey, shrink), largest(labels.crack, shrink), largest(labels.ignored, shrink)};
}

}  // namespace

Photographs read_photographs(const std::string& reader, const std::map<std::string, fs::path>& folders,
                             std::int64_t shrink) {
  const auto format = formats().find(reader);
  if (format == formats().end()) {
    std::vector<std::string> known;
    for (const auto& [name, unused] : formats()) known.push_back(name);
    throw DataError({"unknown reader of photographs", reader, "one of " + join(known, ", "), reader, ""});
  }
  const auto folder = [&](const std::string& name) {
    const auto found = folders.find(name);
    if (found == folders.end()) throw DataError({"the data set declares no folder", reader, name, "none", ""});
    return found->second;
  };
  Photographs photographs;
  for (const auto& part : format->second.parts) {
    const auto images = images_in(folder(part.images));
    for (std::size_t i = 0; i < images.size(); ++i) {
      const auto stem = images[i].stem().string();
      auto& split = part.in_test(images[i], i) ? photographs.test : photographs.train;
      split.push_back(
          read_photograph(images[i], folder(part.labels) / (stem + part.label_ending), format->second, shrink));
      split.back().id = part.images + stem;
    }
  }
  return photographs;
}

}  // namespace assay::cracks
