// Which sources a method is built from. The closure starts at the method's own file and follows quoted includes: each
// header of ours with its source file of the same stem, and with the sources in its folder that include it and have no
// header of their own (catalog.hpp: catalog.cpp, read.cpp). Quoted includes are followed rather than the compiler's
// dependency files, since unity builds blur those.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace assay {

class SourceGraph {
 public:
  // `include_folders` are those of the compiler, relative to the root: "suite", "tasks".
  SourceGraph(std::filesystem::path root, std::vector<std::string> include_folders)
      : root_(std::move(root)), include_folders_(std::move(include_folders)) {}

  std::set<std::string> closure(const std::string& file);  // paths relative to the root, the file's own among them
  const std::string& digest(const std::string& file);      // SHA-256 of the bytes

 private:
  const std::vector<std::string>& neighbours(const std::string& file);
  std::vector<std::string> quoted_includes(const std::string& file);
  std::vector<std::string> implementations(const std::string& header);
  std::string resolve(const std::string& include, const std::string& from) const;

  std::filesystem::path root_;
  std::vector<std::string> include_folders_;
  std::map<std::string, std::vector<std::string>> neighbours_, includes_;
  std::map<std::string, std::string> digests_;
};

// SHA-256 over (path, digest) of the closure of all `files`.
std::string code_fingerprint(SourceGraph& graph, const std::set<std::string>& closure);

}  // namespace assay
