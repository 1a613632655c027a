#include "report/format.hpp"

#include <array>

#include "core/text.hpp"

namespace assay {

std::string number(double value, int decimals) {
  auto text = fixed(value, decimals);
  if (text[0] == '-') text.replace(0, 1, "\u2212");
  return text;
}

std::string measured(double value, const Metric& metric) {
  return number(value, metric.decimals) + (metric.unit.empty() ? "" : " " + metric.unit);
}

std::string signed_number(double value, int decimals) {
  auto text = number(value, decimals);
  const bool positive = value > 0 && text.find_first_not_of("0.") != std::string::npos;
  return positive ? "+" + text : text;
}

std::string interval_text(const Interval& interval, int decimals) {
  return number(interval.low, decimals) + " to " + number(interval.high, decimals);
}

std::string signed_interval(const Interval& interval, int decimals) {
  return signed_number(interval.low, decimals) + " to " + signed_number(interval.high, decimals);
}

std::string rank_text(const RankRange& range) {
  const auto best = std::to_string(range.best);
  return range.best == range.worst ? best : best + "\u2013" + std::to_string(range.worst);
}

std::string plain(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return shortest(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_null()) return "none";
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string path_segment(const std::string& text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string segment;
  for (const char c : text) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_' || (c == '.' && !segment.empty());
    if (safe) {
      segment += c;
    } else {  // '=' instead of '%': the file's name and the link to it stay equal
      const auto byte = static_cast<unsigned char>(c);
      segment += '=';
      segment += digits[byte >> 4];
      segment += digits[byte & 15];
    }
  }
  return segment;
}

std::string task_page(const std::string& task) { return "task/" + path_segment(task) + ".html"; }

std::string setting_page(const std::string& task, const std::string& setting, const std::string& tier,
                         const std::string& view) {
  return "setting/" + path_segment(task) + "/" + path_segment(setting) + "-" + path_segment(tier) +
         (view.empty() ? "" : "--" + path_segment(view)) + ".html";
}

std::string method_page(const std::string& task, const std::string& method) {
  return "method/" + path_segment(task) + "/" + path_segment(method) + ".html";
}

std::string run_page(const std::string& key) { return "run/" + path_segment(key.substr(0, 16)) + ".html"; }

std::string shell_quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string rerun_command(const Result& run) {
  return "./ci/bench run -t " + run.task + " --setting " + run.setting + " -m " + shell_quoted(run.label) +
         " --seeds " + std::to_string(run.seed) + " --tier " + run.tier + " --force";
}

std::string run_command(const std::string& task, const std::string& setting, const std::string& tier) {
  return "./ci/bench run -t " + task + (setting.empty() ? "" : " --setting " + setting) + " --tier " + tier;
}

std::string environment_line(const Environment& environment) {
  std::vector<std::string> parts;
  constexpr std::array names{"cpu", "gpu", "device", "libtorch", "isa", "threads"};
  for (const char* name : names) {
    const auto found = environment.body.is_object() ? environment.body.find(name) : environment.body.end();
    if (found == environment.body.end() || found->is_null()) continue;
    const std::string value = plain(*found);
    if (value.empty()) continue;
    const std::string_view key = name;
    parts.push_back(key == "libtorch"  ? "LibTorch " + value
                    : key == "threads" ? value + (value == "1" ? " thread" : " threads")
                                       : value);
  }
  return parts.empty() ? environment.id : join(parts, ", ");
}

}  // namespace assay
