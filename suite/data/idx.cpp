// The IDX format (LeCun, Cortes and Burges): big-endian magic 0x0000TTDD (type, dimensions), one size per dimension,
// then the values. Here the type is always unsigned byte (08).
#include <algorithm>
#include <set>

#include "core/errors.hpp"
#include "data/archive.hpp"
#include "data/decode.hpp"

namespace assay {

namespace fs = std::filesystem;

const fs::path& file_named(const DataFiles& files, const std::string& name) {
  const auto found = files.find(name);
  if (found == files.end()) throw DataError({"file missing", name, "its path", "nothing", "see: bench data verify"});
  return found->second;
}

namespace {

struct Idx {
  std::vector<std::int64_t> sizes;
  std::string values;
};

[[noreturn]] void broken(const fs::path& file, const std::string& expected, const std::string& found) {
  throw DataError({"damaged IDX file", file.string(), expected, found, "remove it and fetch it again"});
}

std::uint32_t big_endian(const std::string& bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

std::string hex(std::uint32_t value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += digits[value >> shift & 15];
  return text;
}

Idx read_idx(const fs::path& file, std::uint32_t dimensions) {
  std::string bytes = read_gzip(file);
  const std::uint32_t magic = 0x800 | dimensions;
  const std::size_t header = 4 + 4 * dimensions;
  if (bytes.size() < header) {
    broken(file, "a header of " + std::to_string(header) + " bytes", std::to_string(bytes.size()) + " bytes");
  }
  if (big_endian(bytes, 0) != magic) broken(file, "magic number " + hex(magic), hex(big_endian(bytes, 0)));
  Idx idx;
  std::uint64_t total = 1;
  for (std::size_t i = 0; i < dimensions; ++i) {
    idx.sizes.push_back(big_endian(bytes, 4 + 4 * i));
    total *=
        std::min<std::uint64_t>(static_cast<std::uint64_t>(idx.sizes.back()), 1 << 20);  // no overflow: 3 x 20 bits
  }
  if (bytes.size() - header != total) {
    broken(file, std::to_string(total) + " bytes after the header", std::to_string(bytes.size() - header));
  }
  idx.values = bytes.erase(0, header);
  return idx;
}

DecodedSplit read_split(const DataFiles& files, const std::string& prefix) {
  const auto& image_file = file_named(files, prefix + "-images-idx3-ubyte.gz");
  const auto& label_file = file_named(files, prefix + "-labels-idx1-ubyte.gz");
  Idx images = read_idx(image_file, 3);
  DecodedSplit split{images.sizes[0], 1, images.sizes[1], images.sizes[2], std::move(images.values), {}};
  split.labels = read_idx_labels(label_file, 255);
  if (static_cast<std::int64_t>(split.labels.size()) != split.count) {
    broken(label_file, std::to_string(split.count) + " labels, one for each image",
           std::to_string(split.labels.size()));
  }
  return split;
}

}  // namespace

std::string read_idx_labels(const fs::path& file, int highest) {
  std::string labels = read_idx(file, 1).values;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (static_cast<unsigned char>(labels[i]) <= highest) continue;
    broken(file, "labels from 0 to " + std::to_string(highest),
           std::to_string(static_cast<unsigned char>(labels[i])) + " at " + std::to_string(i));
  }
  return labels;
}

Decoded decode_idx(const DataFiles& files) {
  Decoded decoded;
  decoded.train = read_split(files, "train");
  decoded.test = read_split(files, "t10k");
  std::set<unsigned char> classes(decoded.train.labels.begin(), decoded.train.labels.end());
  classes.insert(decoded.test.labels.begin(), decoded.test.labels.end());
  const int count = classes.empty() ? 0 : *classes.rbegin() + 1;
  for (int i = 0; i < count; ++i) decoded.class_names.push_back(std::to_string(i));
  return decoded;
}

}  // namespace assay
