// A folder of its own for each test, and the tiny files that the tests of this folder share.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay {

class TempFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    write_file(path(name), bytes);
    return path(name);
  }

  std::filesystem::path write_gzip(const std::string& name, const std::string& bytes) const {
    const gzFile stream = gzopen(path(name).c_str(), "wb1");
    gzwrite(stream, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(stream);
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

// The line of the Error that `work` throws, with the temporary folder's name replaced by "~".
inline std::string error_of(const std::function<void()>& work, const std::filesystem::path& folder) {
  try {
    work();
  } catch (const Error& error) {
    std::string line = error.what();
    const auto name = folder.string();
    for (auto at = line.find(name); at != std::string::npos; at = line.find(name)) line.replace(at, name.size(), "~/");
    return line;
  }
  return "no error";
}

inline std::string be32(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

inline std::string idx_labels(const std::string& labels) {
  return be32(0x801) + be32(static_cast<std::uint32_t>(labels.size())) + labels;
}

inline std::string idx_images(std::uint32_t count, std::uint32_t height, std::uint32_t width,
                              const std::string& pixels) {
  return be32(0x803) + be32(count) + be32(height) + be32(width) + pixels;
}

// A ustar archive of regular files, without checksums, which our reader does not look at (gzip has its own).
inline std::string tar(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string archive;
  for (const auto& [name, content] : members) {
    std::string header(512, '\0');
    header.replace(0, name.size(), name);
    std::string size(11, '0');
    for (auto [i, rest] = std::pair{10, content.size()}; rest > 0; rest /= 8)
      size[static_cast<std::size_t>(i--)] = static_cast<char>('0' + rest % 8);
    header.replace(124, 11, size);
    header[156] = '0';
    header.replace(257, 5, "ustar");
    archive += header + content + std::string((512 - content.size() % 512) % 512, '\0');
  }
  return archive + std::string(1024, '\0');
}

}  // namespace assay
