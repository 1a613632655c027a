#include "learn/png.hpp"

#include <zlib.h>

#include <stdexcept>

namespace assay::learn {

namespace {

void append_u32(std::string& to, std::uint64_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xff);
}

// Length, type and content, checksum of the last two (PNG specification, section 5.3).
void append_chunk(std::string& file, const std::string& type, const std::string& content) {
  append_u32(file, content.size());
  const auto checked = type + content;
  file += checked;
  append_u32(file, crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size())));
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_COMPRESSION);
  if (status != Z_OK) throw std::runtime_error("zlib cannot compress a picture");
  out.resize(size);
  return out;
}

}  // namespace

std::string png(std::span<const std::uint8_t> pixels, std::int64_t channels, std::int64_t height, std::int64_t width) {
  std::string header;
  append_u32(header, static_cast<std::uint64_t>(width));
  append_u32(header, static_cast<std::uint64_t>(height));
  header += {8,
             static_cast<char>(channels == 1   ? 0
                               : channels == 3 ? 2
                                               : 6),
             0, 0, 0};  // 8 bits; colour type; the only methods
  std::string rows;
  for (std::int64_t y = 0; y < height; ++y) {
    rows += '\0';  // filter type: none
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < channels; ++c) {
        rows += static_cast<char>(pixels[static_cast<std::size_t>((c * height + y) * width + x)]);
      }
    }
  }
  std::string file = "\x89PNG\r\n\x1a\n";
  append_chunk(file, "IHDR", header);
  append_chunk(file, "IDAT", deflated(rows));
  append_chunk(file, "IEND", "");
  return file;
}

}  // namespace assay::learn
