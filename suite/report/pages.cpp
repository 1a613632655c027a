#include "report/pages.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "report/svg.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

const char* const kStamps = ".stamps";

// Indentation serves the reader of the template; kainjow keeps each blank as a node of its own.
std::string without_indentation(const std::string& text) {
  std::string result;
  for (const auto& line : split(text, '\n')) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin != std::string::npos) result += line.substr(begin) + "\n";
  }
  return result;
}

std::string with_partials(std::string text, const std::map<std::string, std::string>& texts, const std::string& file) {
  for (std::size_t at = 0; (at = text.find("{{> ", at)) != std::string::npos;) {
    const auto end = text.find("}}", at);
    const auto name = text.substr(at + 4, end - at - 4);
    const auto found = texts.find(name);
    if (end == std::string::npos || found == texts.end()) {
      throw DeclarationError({"unknown partial", file, "a template of that name", "\"" + name + "\"", ""});
    }
    text.replace(at, end + 2 - at, found->second);
  }
  return text;
}

}  // namespace

struct Templates::Parsed {
  std::map<std::string, kainjow::mustache::mustache> by_name;
};

Templates::Templates(const fs::path& folder) : parsed_(std::make_unique<Parsed>()) {
  std::map<std::string, std::string> texts;
  std::error_code absent;
  for (const auto& item : fs::directory_iterator(folder, absent)) {
    if (item.path().extension() != ".mustache") continue;
    texts[item.path().stem().string()] = without_indentation(read_file(item.path()));
  }
  for (const auto& [name, text] : texts) {
    const auto file = (folder / (name + ".mustache")).string();
    kainjow::mustache::mustache parsed(with_partials(text, texts, file));
    if (!parsed.is_valid())
      throw DeclarationError({"broken template", file, "", parsed.error_message(), "mend the template"});
    parsed.set_custom_escape(escape_markup);
    parsed_->by_name.emplace(name, std::move(parsed));
  }
}

Templates::~Templates() = default;

std::string Templates::render(const std::string& name, const View& view) {
  const auto found = parsed_->by_name.find(name);
  if (found == parsed_->by_name.end()) {
    throw DeclarationError(
        {"missing template", "reports/templates/" + name + ".mustache", "", "no such file", "restore it"});
  }
  std::string page;
  found->second.render(view, [&page](const std::string& text) { page += text; });
  return page;
}

SiteFolder::SiteFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code absent;
  for (const auto& item : fs::recursive_directory_iterator(folder_, absent)) {
    if (item.is_regular_file()) files_[item.path().lexically_relative(folder_).generic_string()] = item.file_size();
  }
  if (!files_.contains(kStamps)) return;
  for (const auto& line : split(read_file(folder_ / kStamps), '\n')) {
    const auto blank = line.find(' ');
    if (blank != std::string::npos) stamps_[line.substr(blank + 1)] = line.substr(0, blank);
  }
}

bool SiteFolder::current(const Page& page) const {
  const auto stamp = stamps_.find(page.path);
  return stamp != stamps_.end() && stamp->second == page.stamp && files_.contains(page.path);
}

bool SiteFolder::put(const std::string& path, const std::string& bytes) {
  const auto file = folder_ / path;
  const auto there = files_.find(path);
  if (there != files_.end() && there->second == bytes.size() && read_file(file) == bytes) return false;
  write_file(file, bytes);
  return true;
}

void SiteFolder::finish(const std::map<std::string, std::string>& stamp_of_path) {
  for (const auto& [path, size] : files_) {
    if (path != kStamps && !stamp_of_path.contains(path)) fs::remove(folder_ / path);
  }
  std::string stamps;
  for (const auto& [path, stamp] : stamp_of_path) stamps += stamp + " " + path + "\n";
  put(kStamps, stamps);
}

}  // namespace assay
