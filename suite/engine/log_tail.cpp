#include "engine/log_tail.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace assay {

void LogTail::add(std::string_view bytes) {
  count_ += bytes.size();
  const auto first = bytes.substr(0, head_size_ - head_.size());
  head_ += first;
  bytes.remove_prefix(first.size());
  if (bytes.size() > tail_size_) bytes.remove_prefix(bytes.size() - tail_size_);
  tail_ += bytes;
  if (tail_.size() > 2 * tail_size_)
    tail_.erase(0, tail_.size() - tail_size_);  // not at each call: that would be quadratic
}

std::string LogTail::text() const {
  const std::string_view kept = std::string_view(tail_).substr(tail_.size() - std::min(tail_.size(), tail_size_));
  const auto left_out = count_ - head_.size() - kept.size();
  if (left_out == 0) return printable(head_ + std::string(kept));
  return printable(head_) + "\n[... " + bytes(left_out) + " left out ...]\n" + printable(kept);
}

namespace {

// The length of the valid UTF-8 sequence at the beginning of `text`, or 0.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool outside = (lead == 0xed && byte(1) > 0x9f) || (lead == 0xf4 && byte(1) > 0x8f);  // surrogates; > U+10FFFF
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto length = sequence(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    const bool control = length == 1 && (byte < 0x20 || byte == 0x7f) && byte != '\n' && byte != '\t';
    clean += length == 0 || control ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return clean;
}

}  // namespace assay
