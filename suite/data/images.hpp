// Labelled images of a data set, decoded once into an artefact and mapped read-only, so that runs share the pages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/artefacts.hpp"

namespace assay {

struct ImageSplit {
  std::int64_t count = 0, channels = 0, height = 0, width = 0;
  std::span<const std::uint8_t> pixels;  // [count, channels, height, width]
  std::span<const std::uint8_t> labels;  // [count], 0..classes-1
};

class Images {
 public:
  ImageSplit train, test;
  std::vector<std::string> class_names;  // as the files name them; "0", "1", ... where they do not
  // Further label sets of the training images by name: CIFAR-10N's "aggregate", "random1", "worst". Empty for most.
  std::map<std::string, std::span<const std::uint8_t>> given_labels;
  std::string digest;  // of the artefact's recipe

 private:
  friend Images load_images(const std::string&, const std::map<std::string, std::filesystem::path>&,
                            const std::map<std::string, std::string>&, const ArtefactCache&);
  std::vector<std::shared_ptr<const void>> mappings_;
};

// Readers: "idx-gzip" (MNIST and its kin: four .gz files), "cifar-10", "cifar-100" (the .tar.gz of the binary version),
// "cifar-10n" (CIFAR-10's archive and IDX1 label files; the clean labels must equal CIFAR-10's). `files`: name -> path,
// `checksums`: name -> SHA-256 of each of them (LocatedFile::checksum); a file that does not match, is truncated, or
// has another magic number is a DataError that says so. Where the artefact exists, no file is opened.
Images load_images(const std::string& reader, const std::map<std::string, std::filesystem::path>& files,
                   const std::map<std::string, std::string>& checksums, const ArtefactCache& cache);

}  // namespace assay
