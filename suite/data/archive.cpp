#include "data/archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "core/errors.hpp"

namespace assay {

namespace fs = std::filesystem;

std::string read_gzip(const fs::path& file) {
  constexpr unsigned kChunk = 1 << 20;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), gzclose);
  if (!stream) {
    throw DataError(
        {"cannot read file", file.string(), "", std::strerror(errno), "check that it exists and is readable"});
  }
  std::string content;
  int got = 0;
  do {
    const auto size = content.size();
    content.resize(size + kChunk);
    got = gzread(stream.get(), content.data() + size, kChunk);
    content.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
  } while (got > 0);
  int failure = Z_OK;
  const std::string message = gzerror(stream.get(), &failure);
  if (failure == Z_OK) return content;
  throw DataError({"damaged gzip file", file.string(), "a whole gzip stream",
                   failure == Z_BUF_ERROR ? "an early end after " + std::to_string(content.size()) + " bytes" : message,
                   "remove it and fetch it again"});
}

namespace {

constexpr std::size_t kBlock = 512;

[[noreturn]] void broken(const fs::path& file, const std::string& expected, const std::string& found) {
  throw DataError({"damaged tar archive", file.string(), expected, found, "remove it and fetch it again"});
}

std::string_view field(std::string_view header, std::size_t offset, std::size_t length) {
  const auto text = header.substr(offset, length);
  return text.substr(0, text.find('\0'));
}

std::size_t octal(std::string_view digits, const fs::path& file) {
  std::size_t value = 0;
  for (const char digit : digits.substr(0, digits.find_last_not_of(' ') + 1)) {
    if (digit < '0' || digit > '7') broken(file, "an octal size", "\"" + std::string(digits) + "\"");
    value = value * 8 + static_cast<std::size_t>(digit - '0');
  }
  return value;
}

}  // namespace

std::map<std::string, std::string_view> tar_members(std::string_view tar, const fs::path& shown_as) {
  std::map<std::string, std::string_view> members;
  while (tar.size() >= kBlock && tar.front() != '\0') {  // a block of zeros ends the archive
    const auto header = tar.substr(0, kBlock);
    if (field(header, 257, 5) != "ustar") broken(shown_as, "\"ustar\" in a header", "something else");
    const auto name = std::string(field(header, 0, 100));
    const auto size = octal(field(header, 124, 12), shown_as);
    const auto whole = (size + kBlock - 1) / kBlock * kBlock;
    tar.remove_prefix(kBlock);
    if (tar.size() < size) broken(shown_as, std::to_string(size) + " bytes of " + name, std::to_string(tar.size()));
    const char type = header[156];
    if (type == '0' || type == '\0') members[name] = tar.substr(0, size);
    tar.remove_prefix(std::min(whole, tar.size()));
  }
  return members;
}

}  // namespace assay
