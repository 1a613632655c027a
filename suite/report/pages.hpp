// Templates, and the writing of pages: only what changed.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "report/view.hpp"

namespace assay {

// The Mustache templates of a folder, parsed once. "{{> name}}" is replaced by name.mustache before parsing.
// DeclarationError for a broken one. Not safe for two threads: each has its own.
class Templates {
 public:
  explicit Templates(const std::filesystem::path& folder);
  ~Templates();
  std::string render(const std::string& name, const View& view);

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

struct Page {
  std::string path;    // inside the site's folder
  std::string stamp;   // hash of all that the page is made from
  std::string layout;  // name of the template
  std::function<View()> view;
};

// What the site's folder holds, and what each page was made from when it was last written ("<folder>/.stamps").
class SiteFolder {
 public:
  explicit SiteFolder(std::filesystem::path folder);

  bool current(const Page& page) const;                         // it is there, and its stamp is the same
  bool put(const std::string& path, const std::string& bytes);  // false where these bytes are there already; any thread
  // Removes what is not among `paths`, and remembers the stamps.
  void finish(const std::map<std::string, std::string>& stamp_of_path);

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> stamps_;
  std::map<std::string, std::uintmax_t> files_;  // those that were there at the start
};

}  // namespace assay
