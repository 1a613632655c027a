// CIFAR-10 and CIFAR-100 (Krizhevsky, 2009), binary version: records of one label byte (CIFAR-100: coarse, then fine)
// and 3 x 32 x 32 bytes of pixels; and CIFAR-10N (Wei et al., ICLR 2022), human labels of CIFAR-10's training images.
#include <algorithm>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "data/archive.hpp"
#include "data/decode.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPixels = 3 * 32 * 32;

struct Layout {
  std::string archive, folder, names;  // names: the file of class names
  std::vector<std::string> train, test;
  std::size_t label_bytes = 1;  // the last one is the label
};

const Layout kCifar10{
    "cifar-10-binary.tar.gz",
    "cifar-10-batches-bin/",
    "batches.meta.txt",
    {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
    {"test_batch.bin"},
    1};
const Layout kCifar100{
    "cifar-100-binary.tar.gz", "cifar-100-binary/", "fine_label_names.txt", {"train.bin"}, {"test.bin"}, 2};

[[noreturn]] void broken(const fs::path& file, const std::string& expected, const std::string& found) {
  throw DataError({"damaged CIFAR file", file.string(), expected, found, "remove it and fetch it again"});
}

class Archive {
 public:
  Archive(fs::path file, std::string folder)
      : file_(std::move(file)),
        folder_(std::move(folder)),
        tar_(read_gzip(file_)),
        members_(tar_members(tar_, file_)) {}

  std::string_view member(const std::string& name) const {
    const auto found = members_.find(folder_ + name);
    if (found == members_.end()) broken(file_, folder_ + name + " in the archive", "no such member");
    return found->second;
  }
  const fs::path& file() const { return file_; }

 private:
  fs::path file_;
  std::string folder_, tar_;
  std::map<std::string, std::string_view> members_;
};

std::vector<std::string> read_names(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& line : split(text, '\n')) {
    if (const auto name = trim(line); !name.empty()) names.emplace_back(name);
  }
  return names;
}

void append(DecodedSplit& split, std::string_view records, std::size_t label_bytes, std::size_t classes,
            const fs::path& where) {
  const std::size_t record = label_bytes + kPixels;
  if (records.empty() || records.size() % record != 0) {
    broken(where, "whole records of " + std::to_string(record) + " bytes", std::to_string(records.size()) + " bytes");
  }
  for (; !records.empty(); records.remove_prefix(record)) {
    const char label = records[label_bytes - 1];
    if (static_cast<unsigned char>(label) >= classes) {
      broken(where, "labels below " + std::to_string(classes), std::to_string(static_cast<unsigned char>(label)));
    }
    split.labels += label;
    split.pixels += records.substr(label_bytes, kPixels);
  }
  split.count = static_cast<std::int64_t>(split.labels.size());
}

Decoded decode(const DataFiles& files, const Layout& layout) {
  const Archive archive(file_named(files, layout.archive), layout.folder);
  Decoded decoded;
  decoded.class_names = read_names(archive.member(layout.names));
  const auto read_split = [&](const std::vector<std::string>& members) {
    DecodedSplit split{0, 3, 32, 32, {}, {}};
    for (const auto& name : members) {
      append(split, archive.member(name), layout.label_bytes, decoded.class_names.size(), archive.file() / name);
    }
    return split;
  };
  decoded.train = read_split(layout.train);
  decoded.test = read_split(layout.test);
  return decoded;
}

std::int64_t count_differing(std::string_view a, std::string_view b) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
  return count;
}

std::string read_human_labels(const DataFiles& files, const std::string& set, const std::string& clean,
                              std::int64_t differing) {
  const auto& file = file_named(files, "cifar-10n-" + set + ".idx");
  auto labels = read_idx_labels(file, 9);
  const auto refuse = [&](const std::string& expected, const std::string& found) {
    throw DataError({"not CIFAR-10N's labels \"" + set + "\"", file.string(), expected, found,
                     "convert CIFAR-10_human.pt again: tasks/datasets/cifar-10n.py"});
  };
  if (labels.size() != clean.size()) {
    refuse(std::to_string(clean.size()) + " labels", std::to_string(labels.size()));
  }
  if (const auto found = count_differing(labels, clean); found != differing) {
    refuse(std::to_string(differing) + " labels other than CIFAR-10's", std::to_string(found));
  }
  return labels;
}

}  // namespace

Decoded decode_cifar10(const DataFiles& files) { return decode(files, kCifar10); }
Decoded decode_cifar100(const DataFiles& files) { return decode(files, kCifar100); }

Decoded decode_cifar10n(const DataFiles& files, const std::map<std::string, std::int64_t>& differing) {
  Decoded decoded = decode_cifar10(files);
  const auto& clean = decoded.train.labels;
  read_human_labels(files, "clean", clean, 0);
  for (const auto& [set, count] : differing) decoded.given_labels[set] = read_human_labels(files, set, clean, count);
  return decoded;
}

}  // namespace assay
