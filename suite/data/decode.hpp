// Decoders of image files: what the readers of images.hpp are made of. All of them check sizes, magic numbers and
// labels, and answer with a DataError (file, expected, found) where something is wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace assay {

struct DecodedSplit {
  std::int64_t count = 0, channels = 0, height = 0, width = 0;
  std::string pixels, labels;  // bytes: [count, channels, height, width] and [count]
};

struct Decoded {
  DecodedSplit train, test;
  std::vector<std::string> class_names;             // as the files name them; "0", "1", ... where they do not
  std::map<std::string, std::string> given_labels;  // further labels of the training images
};

using DataFiles = std::map<std::string, std::filesystem::path>;

// The path of a file by name. DataError where it is not among the files.
const std::filesystem::path& file_named(const DataFiles& files, const std::string& name);

// IDX1 of unsigned bytes (magic 0x00000801, count, bytes), plain or gzip. Refuses labels above `highest`.
std::string read_idx_labels(const std::filesystem::path& file, int highest);

// {train,t10k}-{images-idx3,labels-idx1}-ubyte.gz
Decoded decode_idx(const DataFiles& files);

// cifar-10-binary.tar.gz and cifar-100-binary.tar.gz (fine labels)
Decoded decode_cifar10(const DataFiles& files);
Decoded decode_cifar100(const DataFiles& files);

// How many of the 50,000 labels of each released set differ from the clean ones (Wei et al., ICLR 2022; counted in the
// release).
inline const std::map<std::string, std::int64_t> kCifar10nDiffering{
    {"aggregate", 4505}, {"random1", 8617}, {"random2", 9061}, {"random3", 8820}, {"worst", 20104}};

// CIFAR-10 with the human labels cifar-10n-<set>.idx. cifar-10n-clean.idx must equal CIFAR-10's labels, which shows
// that the order of the images is the same; the number of differing labels shows that each file holds the set that its
// name says.
Decoded decode_cifar10n(const DataFiles& files,
                        const std::map<std::string, std::int64_t>& differing = kCifar10nDiffering);

}  // namespace assay
