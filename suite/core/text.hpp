// Small pieces of text work that several folders need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

std::vector<std::string> split(std::string_view text, char separator);  // keeps empty parts; "" gives one empty part
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string one_line(std::string_view text);  // line breaks and runs of white space become one space

// Shell wildcards * and ? over the whole text; '[' stands for itself, since method names hold it.
bool glob_match(std::string_view pattern, std::string_view text);

// The candidate with the smallest edit distance, if that is at most a third of the length of `word` (at least 2).
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
// "; did you mean X?" or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

std::string shortest(double value);                    // the shortest decimal text that reads back as the same double
std::string fixed(double value, int decimals);         // "-0.0" becomes "0.0"; not a number gives "n/a"
std::string duration(double seconds);                  // "0.8 s", "12 s", "3 min 05 s", "2 h 10 min"
std::string bytes(std::uint64_t count);                // "812 B", "3.4 MB" (powers of 1000)
std::string utc_time(std::int64_t unix_milliseconds);  // "2026-11-25 03:14:15 UTC"

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);  // nothing where the text is not base64

}  // namespace assay
