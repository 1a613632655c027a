#include "engine/fingerprint.hpp"

#include <algorithm>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"

namespace assay {

namespace fs = std::filesystem;

std::string SourceGraph::resolve(const std::string& include, const std::string& from) const {
  auto places = include_folders_;
  places.insert(places.begin(), fs::path(from).parent_path().string());
  for (const auto& place : places) {
    const auto path = (fs::path(place) / include).lexically_normal();
    if (fs::exists(root_ / path)) return path.string();
  }
  return "";  // not ours: a generated or a system header; the build's flags and library versions stand for those
}

std::vector<std::string> SourceGraph::quoted_includes(const std::string& file) {
  const auto known = includes_.find(file);
  if (known != includes_.end()) return known->second;
  const auto text = read_file(root_ / file);
  digests_[file] = sha256(text);
  std::vector<std::string> found;
  for (const auto& line : split(text, '\n')) {
    const auto code = trim(line);
    if (!code.starts_with("#")) continue;
    const auto directive = trim(code.substr(1));
    if (!directive.starts_with("include")) continue;
    const auto open = directive.find('"'), close = directive.rfind('"');
    if (open == std::string_view::npos || close <= open) continue;
    const auto path = resolve(std::string(directive.substr(open + 1, close - open - 1)), file);
    if (!path.empty()) found.push_back(path);
  }
  return includes_[file] = found;
}

std::vector<std::string> SourceGraph::implementations(const std::string& header) {
  std::vector<std::string> found;
  const auto folder = fs::path(header).parent_path();
  for (const auto& item : fs::directory_iterator(root_ / folder)) {
    if (item.path().extension() != ".cpp") continue;
    const auto source = (folder / item.path().filename()).string();
    const bool own = item.path().stem() == fs::path(header).stem();
    const bool has_header = fs::exists(fs::path(item.path()).replace_extension(".hpp"));
    if (own) {
      found.push_back(source);
    } else if (!has_header) {
      const auto includes = quoted_includes(source);
      if (std::find(includes.begin(), includes.end(), header) != includes.end()) found.push_back(source);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

const std::vector<std::string>& SourceGraph::neighbours(const std::string& file) {
  const auto known = neighbours_.find(file);
  if (known != neighbours_.end()) return known->second;
  auto next = quoted_includes(file);
  if (fs::path(file).extension() == ".hpp") {
    for (const auto& source : implementations(file)) next.push_back(source);
  }
  return neighbours_[file] = next;
}

std::set<std::string> SourceGraph::closure(const std::string& file) {
  std::set<std::string> reached{file};
  std::vector<std::string> open{file};
  while (!open.empty()) {
    const auto current = open.back();
    open.pop_back();
    for (const auto& next : neighbours(current)) {
      if (reached.insert(next).second) open.push_back(next);
    }
  }
  return reached;
}

const std::string& SourceGraph::digest(const std::string& file) {
  quoted_includes(file);  // reads and hashes it
  return digests_.at(file);
}

std::string code_fingerprint(SourceGraph& graph, const std::set<std::string>& closure) {
  Sha256 hash;
  for (const auto& file : closure) hash.update(file).update("\n").update(graph.digest(file)).update("\n");
  return hash.hex();
}

}  // namespace assay
