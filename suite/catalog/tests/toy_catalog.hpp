// A copy of tests/examples/ in a temporary folder, to be changed and read.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "catalog/catalog.hpp"
#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay {

inline const std::filesystem::path kExamples = std::filesystem::path(ASSAY_SOURCE_DIR) / "suite/catalog/tests/examples";
inline const std::string kTaskFile = "tasks/toy/task.json";
inline const std::string kDatasetFile = "tasks/datasets/toy.json";
inline const std::string kMethodFile = "baselines/toy/mean.json";

class ToyCatalog : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    std::filesystem::copy(kExamples, root_, std::filesystem::copy_options::recursive);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  const std::filesystem::path& root() const { return root_; }
  static Json example(const std::string& file) { return Json::parse(read_file(kExamples / file)); }
  void put(const std::string& file, const Json& content) const { write_file(root_ / file, content.dump()); }

  // The error of reading the catalog with one file changed, which is then put back; "" where there is none.
  std::string fault(const std::string& file, const Json& content) const {
    put(file, content);
    std::string line;
    try {
      read_catalog(root_);
    } catch (const DeclarationError& error) {
      line = error.what();
    }
    put(file, example(file));
    return line;
  }

  // The same, with the value at a JSON pointer replaced.
  std::string fault(const std::string& file, const std::string& pointer, const Json& value) const {
    Json content = example(file);
    content[Json::json_pointer(pointer)] = value;
    return fault(file, content);
  }

 private:
  std::filesystem::path root_;
};

}  // namespace assay
