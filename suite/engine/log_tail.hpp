// What a run printed, in bounded memory: the first lines often say what it was, the last why it ended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

class LogTail {
 public:
  LogTail(std::size_t head = 2048, std::size_t tail = 8192) : head_size_(head), tail_size_(tail) {}

  void add(std::string_view bytes);
  std::uint64_t count() const { return count_; }
  std::string text() const;  // valid UTF-8; where something is left out, a line says how much

 private:
  std::size_t head_size_, tail_size_;
  std::uint64_t count_ = 0;
  std::string head_, tail_;
};

// The text with every byte that is not part of valid UTF-8, and every control byte but line breaks and tabs, replaced
// by '?'.
std::string printable(std::string_view text);

}  // namespace assay
