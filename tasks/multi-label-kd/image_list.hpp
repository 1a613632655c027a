// Image files with their labels, as a reader finds them before any image is decoded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay::multi_label {

struct LabelledFile {
  std::string name;
  std::filesystem::path file;
  std::vector<float> labels;  // [classes]: 1, 0 or kUnknown
};

struct ImageList {
  std::vector<std::string> classes;
  std::vector<LabelledFile> train, validation, test;
};

}  // namespace assay::multi_label
