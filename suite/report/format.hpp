// Figures and names as a reader sees them, and the paths of pages.
#pragma once

#include <optional>
#include <string>

#include "catalog/catalog.hpp"
#include "core/statistics.hpp"
#include "store/records.hpp"

namespace assay {

std::string number(double value, int decimals);                     // with a true minus sign
std::string measured(double value, const Metric& metric);           // with its unit: "93.1 %", "0.72"
std::string signed_number(double value, int decimals);              // "+1.2", "−0.4", "0.0"
std::string interval_text(const Interval& interval, int decimals);  // "70.1 to 72.3"
std::string signed_interval(const Interval& interval, int decimals);
std::string rank_text(const RankRange& range);  // "1" or "1–4"
std::string plain(const Json& value);           // text as it is, other JSON compactly

std::string path_segment(const std::string& text);  // percent-encoded, for href and file name alike
std::string task_page(const std::string& task);
// `view`: "" for the main leaderboard.
std::string setting_page(const std::string& task, const std::string& setting, const std::string& tier,
                         const std::string& view = "");
std::string method_page(const std::string& task, const std::string& method);
std::string run_page(const std::string& key);

std::string shell_quoted(const std::string& word);
std::string rerun_command(const Result& run);
std::string run_command(const std::string& task, const std::string& setting, const std::string& tier);

std::string environment_line(const Environment& environment);  // "AMD EPYC 7B13, LibTorch 2.13, 1 thread, avx2"

}  // namespace assay
